// The certificates of a run, made anew at its start: one for every listener with TLS, and those of the clients.

import { CERTIFIED_CLIENTS } from '../authorization-server/index.ts'
import {
  createCertificateAuthority,
  createSelfSigned,
  type Certified,
} from '../client-certificates/certificates.ts'

/**
 * `device`: of every client whose tokens are bound to no certificate, and of the thief. `partner`, `courier`: of the
 * same CA. `former`: the one that the partner had before; its CA has revoked it. `workshop`: self-signed.
 */
export type CertificateName = 'device' | 'partner' | 'former' | 'courier' | 'workshop'

export interface Certificates {
  /** The CA of the certificates of clients, in PEM. */
  readonly clientCa: string
  /** The CA of `server`, in PEM. */
  readonly serverCa: string
  /** For 127.0.0.1. */
  readonly server: Certified
  readonly clients: Readonly<Record<CertificateName, Certified>>
}

export async function createCertificates(): Promise<Certificates> {
  const [clientCa, serverCa] = await Promise.all([
    createCertificateAuthority('local clients'),
    createCertificateAuthority('local servers'),
  ])
  const { chained, twice, selfSigned } = CERTIFIED_CLIENTS
  return {
    clientCa: clientCa.pem,
    serverCa: serverCa.pem,
    server: await serverCa.issue('localhost', { hosts: ['127.0.0.1'] }),
    clients: {
      device: await clientCa.issue('device'),
      partner: await clientCa.issue(chained.client_id),
      former: await clientCa.issue(chained.client_id),
      courier: await clientCa.issue(twice.client_id),
      workshop: await createSelfSigned(selfSigned.client_id),
    },
  }
}
