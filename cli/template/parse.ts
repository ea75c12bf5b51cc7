// The text of a template, JSON or YAML, as plain values. The form is told by the first character, because every JSON
// object begins with a brace, and no template in YAML does.

import type { JsonObject } from '../../local/api-gateway/json.ts'
import { isObject } from '../../local/api-gateway/json.ts'
import { createCounter, MAX_BYTES, TemplateFileError } from './limits.ts'
import { parseYaml } from './yaml.ts'

function parseJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return parseYaml(text)
  }
  const count = createCounter()
  const visit = (each: unknown, depth: number): void => {
    count(depth)
    if (typeof each !== 'object' || each === null) return
    for (const inner of Object.values(each)) visit(inner, depth + 1)
  }
  visit(value, 0)
  return value
}

/** @throws {TemplateFileError} If the text is too long, or neither JSON nor YAML. */
export function parseText(text: string): unknown {
  if (Buffer.byteLength(text) > MAX_BYTES) throw new TemplateFileError(`is longer than ${MAX_BYTES} bytes`)
  const withoutMark = text.replace(/^\uFEFF/, '')
  return /^\s*\{/.test(withoutMark) ? parseJson(withoutMark) : parseYaml(withoutMark)
}

/** @throws {TemplateFileError} If the text is no template. */
export function parseTemplate(text: string): JsonObject {
  const template = parseText(text)
  if (!isObject(template) || !isObject(template['Resources']))
    throw new TemplateFileError('has no Resources, so it is no template')
  return template
}
