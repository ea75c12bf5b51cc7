// The HTTP answer of the gateway as a value, before it is written to a socket.

import { validateHeaderName, validateHeaderValue } from 'node:http'

export interface Answer {
  status: number
  headers: [name: string, value: string][]
  body: string | Buffer
}

export function jsonAnswer(status: number, body: unknown, headers: Answer['headers'] = []): Answer {
  return { status, headers: [['Content-Type', 'application/json'], ...headers], body: JSON.stringify(body) }
}

export function isSendable(name: string, value: string): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}
