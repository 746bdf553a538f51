// npm `oauth2-mock-server`, which answers a token request with what `answers.json` has under the request's `answer`: the answers of
// providers, as their documentation prints them. It says `listening <port>` and ends when its input does.
import { readFileSync } from 'node:fs';
import { OAuth2Server } from 'oauth2-mock-server';

const answers = JSON.parse(readFileSync('answers.json'));
const server = new OAuth2Server();
await server.issuer.keys.generate('RS256');
await server.start(0, '127.0.0.1');
server.service.on('beforeResponse', (response, request) => {
  const [provider, answer] = request.body.answer.split('/');
  const { status = 200, body } = answers[provider][answer];
  response.statusCode = status;
  response.body = body;
});
process.stdin.on('end', () => process.exit(0)).resume();
console.log(`listening ${server.address().port}`);
