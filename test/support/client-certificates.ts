// The client certificates of the rows: real ones, made once in this process.

import { createHash } from 'node:crypto'
import {
  createCertificateAuthority,
  createSelfSigned,
  type Certified,
} from '../../local/client-certificates/certificates.ts'

const DAY_MS = 86_400_000

const NAMES = ['client', 'second', 'past', 'foreign', 'selfSigned', 'authority'] as const

/**
 * `client` and `second` are of `authority`, and so is `past`, which is not valid any more. `foreign` is of another CA
 * with the same name.
 */
export type ClientCertificateName = (typeof NAMES)[number]

export type ClientCertificates = Readonly<Record<ClientCertificateName, Certified>>

async function make(): Promise<ClientCertificates> {
  const [authority, imitation] = await Promise.all([
    createCertificateAuthority('authority'),
    createCertificateAuthority('authority'),
  ])
  const ended = { notBefore: new Date(Date.now() - 9 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) }
  const [client, second, past, foreign, selfSigned] = await Promise.all([
    authority.issue('client'),
    authority.issue('client'),
    authority.issue('client', ended),
    imitation.issue('client'),
    createSelfSigned('client'),
  ])
  return { client, second, past, foreign, selfSigned, authority }
}

let made: Promise<ClientCertificates> | undefined

export const clientCertificates = (): Promise<ClientCertificates> => (made ??= make())

/** In base64url. */
export const sha256Of = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('base64url')

/** The bytes of a certificate. */
export const derOf = ({ certificate }: Certified): Buffer => Buffer.from(certificate.rawData)

/** As OpenSSL writes a time, which is how the platforms do. `seconds`: since the epoch. */
export function openSslTime(seconds: number): string {
  const [, day, month, year, time] = new Date(seconds * 1_000).toUTCString().split(/[ ,]+/)
  return `${month} ${day!.replace(/^0/, ' ')} ${time} ${year} GMT`
}
