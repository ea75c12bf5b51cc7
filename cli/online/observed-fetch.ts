// Watches the requests of one question to an issuer: the code of an edge makes them, and this notes what an edge drops:
// when the answer came, its `Date` and cache fields, and why no connection came about. Changes nothing about them.

import type { HttpAnswer, Ports } from '../../shared/index.ts'
import type { CommandIo } from '../command.ts'

export interface Exchange {
  /** Without query, fragment and credentials. A URL from metadata is foreign text. */
  readonly url: string
  readonly host: string
  /** Milliseconds since the epoch, on the clock of the command. */
  readonly startedAt: number
  /** When the head of the answer came; `null`: none came. */
  readonly answeredAt: number | null
  readonly status: number | null
  readonly fields: Readonly<Record<Field, string | null>>
  /** The body as far as it was read. */
  readonly body: () => Uint8Array
  /** The code of a failed connection, such as `ENOTFOUND` or `CERT_HAS_EXPIRED`. */
  readonly connectionProblem: string | null
}

const FIELDS = ['date', 'age', 'cache-control'] as const
type Field = (typeof FIELDS)[number]

const NO_FIELDS = { date: null, age: null, 'cache-control': null } as const

/** Codes of Node's network and TLS errors. Any other text of an exception stays where it is. */
const CODE = /^[A-Z][A-Z0-9_]{1,63}$/

function connectionProblemOf(error: unknown): string | null {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } }
  return (
    [cause?.code, code].find((each): each is string => typeof each === 'string' && CODE.test(each)) ?? null
  )
}

type Body = NonNullable<HttpAnswer['body']>

/** The same body, whose bytes are kept as they are read. */
const keeping = (body: Body, chunks: Uint8Array[]): Body => ({
  cancel: () => body.cancel(),
  getReader() {
    const reader = body.getReader()
    return {
      cancel: () => reader.cancel(),
      async read() {
        const part = await reader.read()
        if (part.value !== undefined) chunks.push(part.value)
        return part
      },
    }
  },
})

export interface ObservedFetch {
  readonly fetch: Ports['fetch']
  /** In the order in which the requests began. */
  readonly exchanges: readonly Exchange[]
}

export function observeFetch({ fetch, now }: Pick<CommandIo, 'fetch' | 'now'>): ObservedFetch {
  const exchanges: Exchange[] = []

  async function observed(address: string, init: RequestInit): Promise<HttpAnswer> {
    const { origin, pathname, host } = new URL(address)
    const chunks: Uint8Array[] = []
    const exchange = {
      url: origin + pathname,
      host,
      startedAt: now(),
      answeredAt: null as number | null,
      status: null as number | null,
      fields: NO_FIELDS as Exchange['fields'],
      body: () => Uint8Array.from(Buffer.concat(chunks)),
      connectionProblem: null as string | null,
    }
    exchanges.push(exchange)
    try {
      const response = await fetch(address, init)
      const { status, type, headers, body } = response
      exchange.answeredAt = now()
      exchange.status = status
      exchange.fields = Object.fromEntries(
        FIELDS.map((name) => [name, headers.get(name)]),
      ) as Exchange['fields']
      return { status, type, headers, body: body === null ? null : keeping(body as Body, chunks) }
    } catch (error) {
      exchange.connectionProblem = connectionProblemOf(error)
      throw error
    }
  }

  return { fetch: observed, exchanges }
}
