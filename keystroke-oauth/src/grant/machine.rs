//! A machine asks for itself: no person gives the grant.

use std::time::SystemTime;

use super::issued::Issued;
use super::kept::{Grant, Renewal};
use super::machine_grant::MachineGrant;
use super::sign_in::SignIn;
use crate::error::{ConnectError, ErrorKind};
use crate::token::request::AuthorizationServer;

impl MachineGrant {
    /// Asks for a token. The grant that comes with it is renewed by asking again.
    ///
    /// # Errors
    /// The provider offers no such grant, refuses it or does not answer; the client lacks its secret or key.
    pub async fn issue(
        self,
        server: &AuthorizationServer<'_>,
        sign_in: &SignIn,
        scopes: Vec<String>,
        resource: Option<String>,
        now: SystemTime,
    ) -> Result<Issued, ConnectError> {
        let again = sign_in.again();
        self.ask(server, scopes, resource, now).await.map_err(|kind| kind.with(&again))
    }

    async fn ask(
        self,
        server: &AuthorizationServer<'_>,
        scopes: Vec<String>,
        resource: Option<String>,
        now: SystemTime,
    ) -> Result<Issued, ErrorKind> {
        // What is asked for always is for grants of people.
        let scopes = if server.provider.scopes().used { scopes } else { Vec::new() };
        let shape = server.provider.answer();
        let request = self.request(server, &scopes, resource.as_deref(), now)?;
        let answer = server.granted(server.ask(&server.endpoints.token, request, shape).await)?;
        let grant = Grant::new(server, scopes, resource, Renewal::Machine(self));
        Issued::first(answer, grant, None, server, now)
    }
}
