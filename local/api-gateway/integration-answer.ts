// Converts the result of a Lambda proxy integration to an HTTP answer (developer guide, "Output format of a Lambda
// function for proxy integration", "Lambda function response for format 2.0"). `undefined`: the result has another
// format, and the API answers 502 (REST) or 500 (HTTP).

import { isSendable, type Answer } from './answer.ts'
import { isObject, isScalar, type JsonObject } from './json.ts'

/** Header fields that REST APIs rename, so that a backend cannot set those of the gateway. */
const REMAPPED_BY_REST = new Set(['connection', 'content-length', 'date', 'server', 'www-authenticate'])
const REST_MEMBERS = ['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded']
/** Header fields that frame the message. The gateway writes them itself. */
const FRAMING = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding'])

export function restProxyAnswer(payload: unknown, acceptsBinary: boolean): Answer | undefined {
  // AWS documents 502 for "a different format". That an unknown member is one is undocumented.
  if (!isObject(payload) || Object.keys(payload).some((name) => !REST_MEMBERS.includes(name)))
    return undefined
  const answer = structuredAnswer(payload, acceptsBinary)
  if (!answer) return undefined
  const headers = answer.headers
    .map(([name, value]): Answer['headers'][number] =>
      REMAPPED_BY_REST.has(name.toLowerCase())
        ? [`x-amzn-remapped-${name.toLowerCase()}`, value]
        : [name, value],
    )
    .filter(([name]) => !FRAMING.has(name.toLowerCase()))
  return withContentType({ ...answer, headers }, 'application/json')
}

export function httpProxyAnswer(payload: unknown, payloadVersion: '1.0' | '2.0'): Answer | undefined {
  if (isObject(payload) && 'statusCode' in payload) {
    const answer = structuredAnswer(payload, true)
    if (!answer) return undefined
    const headers = answer.headers.filter(([name]) => !FRAMING.has(name.toLowerCase()))
    const { cookies = [] } = payload
    if (payloadVersion === '2.0') {
      if (!Array.isArray(cookies) || !cookies.every((cookie) => isHeader('set-cookie', cookie)))
        return undefined
      for (const cookie of cookies) headers.push(['set-cookie', String(cookie)])
    }
    // The default content type of a structured answer is undocumented.
    return withContentType({ ...answer, headers }, 'text/plain; charset=utf-8')
  }
  if (payloadVersion === '1.0') return undefined
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload ?? null)
  return { status: 200, headers: [['Content-Type', 'application/json']], body }
}

function structuredAnswer(payload: JsonObject, decodesBase64: boolean): Answer | undefined {
  const status = toStatus(payload['statusCode'])
  const headers = toHeaders(payload['headers'], payload['multiValueHeaders'])
  const { body = '', isBase64Encoded = false } = payload
  if (status === undefined || !headers || (typeof body !== 'string' && body !== null)) return undefined
  const text = body ?? ''
  const decoded = isBase64Encoded === true && decodesBase64 ? Buffer.from(text, 'base64') : text
  return { status, headers, body: decoded }
}

function toStatus(value: unknown): number | undefined {
  const status = typeof value === 'string' ? Number(value) : value
  return typeof status === 'number' && Number.isInteger(status) && status >= 200 && status <= 599
    ? status
    : undefined
}

/** Merges both maps into one list. A pair that is in both appears once, from multiValueHeaders. */
function toHeaders(single: unknown, multi: unknown): Answer['headers'] | undefined {
  const multiple = Object.entries(isObject(multi) ? multi : {})
  if (
    !multiple.every(
      ([name, values]) => Array.isArray(values) && values.every((value) => isHeader(name, value)),
    )
  ) {
    return undefined
  }
  const fromMulti = multiple.flatMap(([name, values]) =>
    (values as unknown[]).map((value): Answer['headers'][number] => [name, String(value)]),
  )
  const singles = Object.entries(isObject(single) ? single : {}).filter(([, value]) => value !== null)
  if (!singles.every(([name, value]) => isHeader(name, value))) return undefined
  const fromSingle = singles
    .map(([name, value]): Answer['headers'][number] => [name, String(value)])
    .filter(([name, value]) => !fromMulti.some(([other, twin]) => other === name && twin === value))
  return [...fromSingle, ...fromMulti]
}

function isHeader(name: string, value: unknown): boolean {
  return isScalar(value) && isSendable(name, String(value))
}

function withContentType(answer: Answer, contentType: string): Answer {
  if (answer.headers.some(([name]) => name.toLowerCase() === 'content-type')) return answer
  return { ...answer, headers: [['Content-Type', contentType], ...answer.headers] }
}
