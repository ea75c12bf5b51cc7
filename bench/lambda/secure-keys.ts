// Serves the key set of the world over TLS on loopback, as issuers publish theirs: each handler fetches it with its own
// client, which is configured to trust this one certificate.

import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { LOOPBACK_CERTIFICATE, LOOPBACK_KEY } from '../../test/support/loopback-certificate.ts'
import type { Bench } from '../row.ts'
import type { World } from '../world.ts'

export interface SecureKeys {
  /** The world, with its key set at an https URL. */
  readonly world: World
  /** Path for `NODE_EXTRA_CA_CERTS`. */
  readonly certificateFile: string
  /** The key set as it is served. */
  readonly published: string
  /** How often it has been fetched. */
  fetches(): number
}

/** This process trusts the certificate, too: a build with `keys.bundled` fetches the key set. */
export async function startSecureKeys({ world, directory, atEnd }: Bench): Promise<SecureKeys> {
  const published = await (await fetch(world.jwksUri)).text()
  let fetches = 0
  const server = createServer({ cert: LOOPBACK_CERTIFICATE, key: LOOPBACK_KEY }, (_, response) => {
    fetches++
    response.setHeader('content-type', 'application/json').end(published)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  atEnd(() => server.close())
  const certificateFile = join(directory, 'loopback.pem')
  await writeFile(certificateFile, LOOPBACK_CERTIFICATE)
  setDefaultCACertificates([...getCACertificates(), LOOPBACK_CERTIFICATE])
  const { port } = server.address() as AddressInfo
  return {
    world: { ...world, jwksUri: `https://127.0.0.1:${port}/jwks` },
    certificateFile,
    published,
    fetches: () => fetches,
  }
}
