// The admin endpoint of the store Worker. Follows no redirect, which could carry the credential elsewhere; bounds the
// answer and the time; repeats no credential in a message. RFC 6750 section 2.1.

import { isJsonObject } from '../../shared/edge.ts'
import { TargetProblem, type RevocationTarget, type Revoked, type Unrevoked } from './target.ts'

export interface HttpTargetOptions {
  /** The origin of the store Worker; https, or http on loopback. */
  readonly url: string
  readonly credential: string
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
}

const REQUEST_MS = 15_000

/** A page of entries has at most a few thousand. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024

const CODES: Readonly<Record<number, string>> = {
  401: 'it does not accept the credential',
  403: 'it does not accept the credential',
  404: 'it has no admin endpoint; configure revocation.admin and deploy the store Worker',
}

async function readBody(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  while (reader !== undefined) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > MAX_ANSWER_BYTES) {
      await reader.cancel()
      throw new TargetProblem('its answer is too large')
    }
    chunks.push(value)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseBody(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : null
  } catch {
    return null
  }
}

/** Why a fetch failed, without the URL of a proxy or the like. */
function reasonOf(error: unknown): string {
  if (error instanceof TargetProblem) return error.message
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } }
  if (name === 'TimeoutError') return `it did not answer within ${REQUEST_MS / 1000} s`
  return `it cannot be reached${typeof cause?.code === 'string' ? ` (${cause.code})` : ''}`
}

/** `name`: as messages name the store. */
export function createHttpTarget(
  name: string,
  { url, credential, fetch }: HttpTargetOptions,
): RevocationTarget {
  async function ask(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    let status: number
    let text: string
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        redirect: 'manual',
        signal: AbortSignal.timeout(REQUEST_MS),
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${credential}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      status = response.status
      text = await readBody(response)
    } catch (error) {
      throw new TargetProblem(reasonOf(error))
    }
    const parsed = parseBody(text)
    if ((status === 200 || status === 507) && parsed !== null) return { status, body: parsed }
    const said = parsed?.['error_description']
    const known =
      CODES[status] ??
      (typeof said === 'string' ? said.slice(0, 300).replace(/\.$/, '') : 'its answer is not one of a store')
    throw new TargetProblem(`${known} (status ${status})`)
  }

  const wrong = (): never => {
    throw new TargetProblem('its answer is not one of a store')
  }

  /** A list of the answer, of the length that the other list has. */
  const listIn = (body: Readonly<Record<string, unknown>>, member: string): readonly unknown[] =>
    Array.isArray(body[member]) ? (body[member] as unknown[]) : wrong()

  const isName = (entry: unknown): boolean =>
    isJsonObject(entry) && ['kind', 'issuer', 'id'].every((member) => typeof entry[member] === 'string')

  const isEntry = (entry: unknown): boolean =>
    isName(entry) &&
    ['notBefore', 'until'].every((member) => Number.isFinite((entry as Record<string, unknown>)[member]))

  async function page<Item>(
    path: string,
    at: string | null,
  ): Promise<{ items: Item[]; next: string | null }> {
    const { body } = await ask('GET', at === null ? path : `${path}?page=${encodeURIComponent(at)}`)
    const items = listIn(body, 'items')
    const { next } = body
    if (!items.every(isEntry) || (next !== null && typeof next !== 'string')) wrong()
    return { items: items as Item[], next: next as string | null }
  }

  return {
    name,
    edge: 'cloudflare',
    async revoke(request, author) {
      const { body } = await ask('POST', '/revoke', { ...request, ...author })
      const [entries, outcomes] = [listIn(body, 'entries'), listIn(body, 'outcomes')]
      const areOutcomes = outcomes.every((outcome) =>
        ['stored', 'known', 'widened', 'full'].includes(outcome as string),
      )
      if (
        entries.length === 0 ||
        entries.length !== outcomes.length ||
        !entries.every(isEntry) ||
        !areOutcomes
      )
        wrong()
      return { entries, outcomes } as Revoked
    },
    async unrevoke({ kind, issuer, id }, author) {
      const { body } = await ask('POST', '/unrevoke', { kind, issuer, id, ...author })
      const [entries, removed] = [listIn(body, 'entries'), listIn(body, 'removed')]
      const areFlags = removed.every((flag) => typeof flag === 'boolean')
      if (entries.length !== removed.length || !entries.every(isName) || !areFlags) wrong()
      return { entries, removed } as Unrevoked
    },
    list: (at) => page('/revocations', at),
    records: (at) => page('/records', at),
  }
}
