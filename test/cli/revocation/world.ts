// A project with both stores for the commands that revoke: dynalite, and the admin endpoint of
// the store Worker.

import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { CommandIo } from '../../../cli/command.ts'
import { describeError } from '../../../cli/describe-error.ts'
import { runRevocations } from '../../../cli/revocations-command.ts'
import { runRevoke } from '../../../cli/revoke-command.ts'
import { Stop } from '../../../cli/stop.ts'
import { runUnrevoke } from '../../../cli/unrevoke-command.ts'
import { createAdmin } from '../../../functions/cloudflare/store/admin.ts'
import { resolveConfig, type LanekeeperConfig } from '../../../shared/index.ts'
import { createCommandIo } from '../../support/command-io.ts'
import { NOW, startStore } from '../../functions/cloudflare/store/node-database.ts'

export { NOW }

export const ISSUER = 'https://login.example.com'
export const REVOKE_CREDENTIAL = 'a credential that revokes'.replaceAll(' ', '-').padEnd(40, 'x')
export const LIST_CREDENTIAL = 'a credential that lists'.replaceAll(' ', '-').padEnd(40, 'y')

export const CREDENTIALS = { REVOKE_CREDENTIAL, LIST_CREDENTIAL }

/** The secret of an issuer that introspects, where the store Worker runs. */
const ISSUER_SECRETS = { ISSUER_SECRET: 'a secret of an issuer'.padEnd(40, 'z').replaceAll(' ', '-') }

export const MAIN = {
  issuer: ISSUER,
  audience: 'https://api.example.com',
  profile: 'rfc9068',
  keys: { discovery: 'openid-configuration' },
} as const

export const configFor = (url: string, table: string): LanekeeperConfig => ({
  issuers: { main: MAIN },
  routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } }],
  revocation: {
    durableObject: 'REVOCATIONS',
    dynamodb: { table },
    admin: { url, revoke: { env: 'REVOKE_CREDENTIAL' }, list: { env: 'LIST_CREDENTIAL' } },
  },
})

export interface LoopbackServer {
  readonly url: string
  close(): Promise<void>
}

export async function listen(listener: RequestListener): Promise<LoopbackServer> {
  const server = createServer(listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export interface StoreServer extends LoopbackServer {
  readonly store: ReturnType<typeof startStore>['store']
  /** Method and path of every request so far. */
  readonly requests: readonly string[]
}

/** The admin endpoint of a store Worker with this configuration, in this process. */
export async function startStoreServer(
  issuers: LanekeeperConfig['issuers'] = { main: MAIN },
  maxEntries = 1_000,
): Promise<StoreServer> {
  const { store } = startStore(undefined, { maxEntries })
  const { routes } = configFor('https://store.example', 'table')
  const requests: string[] = []
  const { fetch } = createAdmin({
    admin: { revoke: [{ env: 'REVOKE_CREDENTIAL' }], list: [{ env: 'LIST_CREDENTIAL' }] },
    issuers: [...resolveConfig({ issuers, routes }, { env: ISSUER_SECRETS }).issuers.values()],
    store: {
      find: async (keys) => store.find(keys),
      revoke: async (entries, author) => store.revoke(entries, author),
      unrevoke: async (names, author) => store.unrevoke(names, author),
      list: async (page = null) => store.list(page),
      records: async (page = null) => store.records(page),
    },
    ports: {
      now: () => NOW * 1000,
      report: () => {},
      secrets: async (ref) =>
        ref.env === undefined
          ? undefined
          : Object.entries(CREDENTIALS).find(([name]) => name === ref.env)?.[1],
    },
  })

  const server = await listen((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    void text(request).then(async (body) => {
      const answer = await fetch(
        new Request(`http://localhost${request.url}`, {
          method: request.method!,
          headers: Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
          ...(body !== '' && { body }),
        }),
      )
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
    })
  })
  return { ...server, store, requests }
}

const COMMANDS: Readonly<Record<string, (args: readonly string[], io: CommandIo) => Promise<number>>> = {
  revoke: runRevoke,
  unrevoke: runUnrevoke,
  revocations: runRevocations,
}

export interface Ran {
  readonly exitCode: number
  /** Standard output, with runs of spaces as one. */
  readonly out: string
  readonly errors: string
  /** The JSON document of `--json`. */
  readonly document: () => any
  /** Milliseconds that the command has waited. */
  readonly slept: readonly number[]
}

export interface Project {
  readonly root: string
  write(name: string, content: string): void
  writeConfig(config: LanekeeperConfig): void
  /** Runs a command as `lanekeeper` does. */
  run(
    args: readonly string[],
    options?: { env?: object; stdin?: string; tools?: Partial<CommandIo> },
  ): Promise<Ran>
  remove(): void
}

export function createProject(): Project {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'lanekeeper-revoke-')))
  const write: Project['write'] = (name, content) => {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  return {
    root,
    write,
    writeConfig: (config) => write('lanekeeper.config.js', `export default ${JSON.stringify(config)}`),
    async run([name, ...args], { env = CREDENTIALS, stdin = '', tools = {} } = {}) {
      const slept: number[] = []
      const { io, kept } = createCommandIo({
        cwd: root,
        env: { USER: 'ada', ...env },
        fetch,
        now: () => NOW * 1000,
        sleep: async (milliseconds) => void slept.push(milliseconds),
        stdin: Readable.from([stdin]),
        ...tools,
      })
      const { printed, errors } = kept
      let exitCode: number
      try {
        exitCode = await COMMANDS[name!]!(args, io)
      } catch (error) {
        errors.push(describeError(error, root))
        exitCode = error instanceof Stop ? error.exitCode : 1
      }
      return {
        exitCode,
        out: printed.join('\n').replace(/ +/g, ' '),
        errors: errors.join('\n'),
        document: () => JSON.parse(printed.join('\n')),
        slept,
      }
    },
    remove: () => rmSync(root, { recursive: true }),
  }
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A JWT that nobody has signed. */
export const unsigned = (claims: object, signature = 'c2lnbmF0dXJl'): string =>
  `${part({ alg: 'RS256', typ: 'at+jwt', kid: 'k' })}.${part(claims)}.${signature}`
