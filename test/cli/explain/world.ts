// A project folder for `lanekeeper explain`: a configuration, an issuer with a key, and the command as a person calls it.
// Its clock stands at 2026-11-30T12:00:00Z.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommandIo } from '../../../cli/command.ts'
import { runCommand } from '../../../cli/commands.ts'
import { COMMAND_TIME_MS, createCommandIo } from '../../support/command-io.ts'
import { generateKey, signCompact, type Members, type SigningKey } from '../../support/test-issuer.ts'

export const NOW = COMMAND_TIME_MS / 1000

export const ISSUER = 'https://login.example.com'
export const AUDIENCE = 'https://api.example.com'
export const FINGERPRINT_KEY = 'a-key-for-fingerprints-of-32-and-more'

export const MAIN = {
  issuer: ISSUER,
  audience: AUDIENCE,
  profile: 'rfc9068',
  keys: { discovery: 'openid-configuration' },
  algorithms: ['ES256'],
}

export const CONFIG = {
  issuers: { main: MAIN },
  routes: [
    { path: '/health', methods: ['GET'], public: true },
    { path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } },
    { path: '/orders/{id}', methods: ['GET'], scope: { allOf: ['orders:read'] } },
  ],
  log: { fingerprintKey: { env: 'FINGERPRINT_KEY' } },
  aws: { strategy: 'exact', resultTtlSeconds: 300 },
}

const without = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

export interface Result {
  readonly exitCode: number
  readonly text: string
  readonly errors: string
}

export interface World {
  readonly root: string
  readonly key: SigningKey
  write(name: string, text: string | object): void
  config(config: object): void
  /** Writes the token of an issuer into the file `token`; `undefined` removes a member. */
  token(claims?: Members, header?: Members): Promise<string>
  run(args: readonly string[], io?: Partial<CommandIo>): Promise<Result>
  /** With the token in `token` and the keys of the issuer. */
  explain(method: string, path: string, ...more: string[]): Promise<Result>
  close(): void
}

export async function startWorld(): Promise<World> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'lanekeeper-explain-')))
  const key = await generateKey('ES256', 'main')
  const write = (name: string, text: string | object) =>
    writeFileSync(join(root, name), typeof text === 'string' ? text : JSON.stringify(text))
  const config = (value: object) => write('lanekeeper.config.ts', `export default ${JSON.stringify(value)}`)

  async function run(args: readonly string[], given: Partial<CommandIo> = {}): Promise<Result> {
    const { io, kept } = createCommandIo({ cwd: root, ...given })
    const exitCode = await runCommand(['explain', ...args], io)
    return { exitCode, text: kept.printed.join('\n'), errors: kept.errors.join('\n') }
  }

  write('jwks.json', { keys: [key.publicJwk] })
  config(CONFIG)
  return {
    root,
    key,
    write,
    config,
    async token(claims = {}, header = {}) {
      const token = await signCompact(
        key,
        without({ alg: 'ES256', typ: 'at+jwt', kid: 'main', ...header }),
        without({
          ...{ iss: ISSUER, aud: AUDIENCE, sub: 'user-1', client_id: 'orders-web', jti: 'token-1' },
          ...{ iat: NOW - 60, exp: NOW + 600, scope: 'orders:read', ...claims },
        }),
      )
      write('token', `${token}\n`)
      return token
    },
    run,
    explain: (method, path, ...more) =>
      run([method, path, '--token-file', 'token', '--jwks', 'jwks.json', ...more], {
        env: { FINGERPRINT_KEY },
      }),
    close: () => rmSync(root, { recursive: true }),
  }
}
