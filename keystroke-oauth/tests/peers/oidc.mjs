// `node oidc.mjs PUBLIC_KEY`: npm `oidc-provider` with what the tests need: rotating refresh tokens with reuse detection, PKCE, the device flow,
// resource indicators, revocation. It says `listening <port>` and ends when its input does.
//
// The person who signs in is played by the interaction below, which says yes to everything. The login hint
// `ada/deny` makes ada say no, `ada/fewer` makes her allow less.
import { createServer } from 'node:http';
import { createPublicKey } from 'node:crypto';
import { Provider, errors } from 'oidc-provider';

const server = createServer();
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const { port } = server.address();
const issuer = `http://127.0.0.1:${port}`;

const common = {
  redirect_uris: ['http://127.0.0.1/callback'],
  application_type: 'native',
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
};
const clients = [
  { ...common, client_id: 'public', token_endpoint_auth_method: 'none' },
  { ...common, client_id: 'basic', client_secret: 'basic:s3cr3t/+&%', token_endpoint_auth_method: 'client_secret_basic' },
  { ...common, client_id: 'post', client_secret: 'post-s3cr3t', token_endpoint_auth_method: 'client_secret_post' },
  {
    client_id: 'machine',
    client_secret: 'machine-s3cr3t',
    token_endpoint_auth_method: 'client_secret_basic',
    redirect_uris: [],
    response_types: [],
    grant_types: ['client_credentials'],
  },
];
const key = createPublicKey(process.argv[2]).export({ format: 'jwk' });
clients.push({
  ...common,
  client_id: 'signing',
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'RS256',
  jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256' }] },
});

const provider = new Provider(issuer, {
  clients,
  scopes: ['openid', 'email', 'api:read', 'api:write', 'offline_access'],
  claims: { openid: ['sub'], email: ['email'] },
  async findAccount(ctx, sub) {
    return { accountId: sub, claims: async () => ({ sub, email: `${sub}@example.com` }) };
  },
  issueRefreshToken: async () => true,
  rotateRefreshToken: () => true,
  pkce: { required: () => true },
  conformIdTokenClaims: false,
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    deviceFlow: {
      enabled: true,
      userCodeInputSource: async (ctx, form) => { ctx.body = form; },
      userCodeConfirmSource: async (ctx, form) => { ctx.body = form; },
      successSource: async (ctx) => { ctx.body = 'done'; },
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: async () => undefined,
      useGrantedResource: async () => true,
      getResourceServerInfo: async (ctx, resource) => {
        if (resource !== 'https://api.example.com/') throw new errors.InvalidTarget();
        return { scope: 'api:read api:write', accessTokenFormat: 'opaque', audience: resource };
      },
    },
  },
  ttl: { AccessToken: 3600, RefreshToken: 86400, Grant: 86400, DeviceCode: 600, Interaction: 600, Session: 600, IdToken: 3600, ClientCredentials: 600 },
  cookies: { keys: ['tests'] },
});
provider.on('server_error', (ctx, error) => console.error(error));

async function interact(req, res) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(req, res);
  const [account = 'ada', does] = (params.login_hint ?? '').split('/').filter(Boolean);
  if (does === 'deny') {
    return provider.interactionFinished(req, res, { error: 'access_denied' });
  }
  if (prompt.name === 'login') {
    return provider.interactionFinished(req, res, { login: { accountId: account } });
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const less = does === 'fewer' ? (scope) => scope !== 'api:write' : () => true;
  if (prompt.details.missingOIDCScope) grant.addOIDCScope(prompt.details.missingOIDCScope.filter(less).join(' '));
  if (does === 'fewer') grant.rejectOIDCScope('api:write');
  if (prompt.details.missingOIDCClaims) grant.addOIDCClaims(prompt.details.missingOIDCClaims);
  for (const [resource, scopes] of Object.entries(prompt.details.missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, scopes.join(' '));
  }
  return provider.interactionFinished(req, res, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
}

const callback = provider.callback();
server.on('request', (req, res) => {
  if (!req.url.startsWith('/interaction/')) return callback(req, res);
  interact(req, res).catch((error) => {
    console.error(error);
    res.statusCode = 500;
    res.end(String(error));
  });
});
process.stdin.on('end', () => process.exit(0)).resume();
console.log(`listening ${port}`);
