// The authorization server of the drill as a series of processes: each publication of keys is a new process with the
// same client registrations. `kill` sends SIGKILL. The proxy gets the address of the running process.

import type { JSONWebKeySet } from 'jose'
import { generateSigningKey } from '../../local/authorization-server/signing-keys.ts'
import type { AuthorizationServer, DemoClients } from '../../local/authorization-server/index.ts'
import { startChild, type Child } from '../../local/child.ts'
import type { FastClock } from './clock.ts'
import type { FaultProxy } from './fault-proxy.ts'
import type { Publication } from './schedule.ts'
import { AUDIENCE, OTHER_AUDIENCE } from './wallet.ts'

export interface ServerProcess {
  readonly issuer: string
  readonly address: string
  readonly clients: DemoClients
  kill(): void
}

export interface Servers {
  /** Starts a process that waits for `replace`. */
  prepare(publication: Publication | 'before'): Promise<ServerProcess>
  /** Makes a process the current one and kills the one before it. */
  replace(next: ServerProcess): void
  kill(): void
  /** Another authorization server, with keys and registrations of its own. */
  startOther(): Promise<ServerProcess>
}

type Publications = Readonly<Record<Publication | 'before', JSONWebKeySet>>

/** The server signs with the first RSA key of its set. */
async function generatePublications(): Promise<Publications> {
  const rsa = () => generateSigningKey('RS256')
  const [oldest, old, added, replacement, standby, curve] = await Promise.all([
    rsa(),
    rsa(),
    rsa(),
    rsa(),
    rsa(),
    generateSigningKey('ES256'),
  ])
  return {
    before: { keys: [oldest, curve] },
    first: { keys: [old, oldest, curve] },
    added: { keys: [added, old, oldest, curve] },
    removed: { keys: [added, old, curve] },
    replaced: { keys: [replacement, standby] },
    'in another order': { keys: [standby, replacement] },
  }
}

export async function createServers(
  proxy: FaultProxy,
  clock: FastClock,
  onSpawn: (child: Child) => void,
): Promise<Servers> {
  const publications = await generatePublications()
  let clients: DemoClients | undefined
  let current: ServerProcess | null = null

  async function start(name: string, about: object): Promise<ServerProcess> {
    let child: Child | undefined
    const server = await startChild<Omit<AuthorizationServer, 'close'>>({
      name,
      module: new URL('./processes/authorization-server.ts', import.meta.url),
      options: {
        clock,
        port: 0,
        audience: AUDIENCE,
        otherAudience: OTHER_AUDIENCE,
        // A minute of a clock that runs a thousand times too fast would be too short for a login.
        loginSeconds: 3_600,
        ...about,
      },
      onLine: () => {},
      onSpawn(spawned) {
        child = spawned
        onSpawn(spawned)
      },
    })
    return { ...server, kill: () => child!.kill() }
  }

  return {
    async prepare(publication) {
      const about = { issuer: proxy.url, jwks: publications[publication], ...(clients && { clients }) }
      const server = await start('authorization server', about)
      clients ??= server.clients
      return server
    },
    replace(next) {
      proxy.setUpstream(next.address)
      current?.kill()
      current = next
    },
    kill() {
      current?.kill()
      current = null
      proxy.setUpstream(null)
    },
    startOther: () => start('another authorization server', {}),
  }
}
