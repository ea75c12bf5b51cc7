// YAML as CloudFormation and SAM read it: YAML 1.1, anchors, merge keys, and the short forms of intrinsic functions.
// A date and a key stay the text that was written. An anchor that is repeated without an end is refused.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html

import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node, type Scalar } from 'yaml'
import type { JsonObject } from '../../local/api-gateway/json.ts'
import { createCounter, TemplateFileError } from './limits.ts'

/** The functions that have a short form. `!Ref` and `!Condition` have no prefix in their long form. */
const FUNCTIONS = new Set(
  'And Base64 Cidr Equals FindInMap GetAtt GetAZs If ImportValue Join Length Not Or Select Split Sub ToJsonString Transform'.split(
    ' ',
  ),
)

function longForm(tag: string, value: unknown): unknown {
  const name = tag.slice(1)
  if (name === 'Ref' || name === 'Condition') return { [name]: value }
  if (!FUNCTIONS.has(name)) throw new TemplateFileError(`has the tag ${tag}, which is none of CloudFormation`)
  if (name !== 'GetAtt' || typeof value !== 'string') return { [`Fn::${name}`]: value }
  const [logicalId = '', ...attribute] = value.split('.')
  return { 'Fn::GetAtt': [logicalId, attribute.join('.')] }
}

const isShortForm = (tag: string | undefined): tag is string => tag !== undefined && /^![^!]/.test(tag)

/** The entries that `<<` adds: those of one map or of several, the first of which has precedence. */
function mergedEntries(value: unknown): readonly [string, unknown][] {
  const maps = Array.isArray(value) ? value : [value]
  return maps.toReversed().flatMap((map) => {
    if (typeof map !== 'object' || map === null)
      throw new TemplateFileError('has a merge key (<<) without a map')
    return Object.entries(map as JsonObject)
  })
}

/** A key as it is written: to YAML 1.1, `on` and `y` would be the same value. */
const nameOf = ({ source, value }: Scalar): string => source ?? String(value)

function toPlain(document: Document): unknown {
  const count = createCounter()
  function convert(node: unknown, depth: number): unknown {
    count(depth)
    if (isAlias(node)) {
      const target = node.resolve(document)
      if (target === undefined)
        throw new TemplateFileError(`has the alias *${node.source} without its anchor`)
      return convert(target, depth + 1)
    }
    const value = convertUntagged(node, depth)
    const { tag } = (node ?? {}) as Partial<Node>
    return isShortForm(tag) ? longForm(tag, value) : value
  }
  function convertUntagged(node: unknown, depth: number): unknown {
    if (isSeq(node)) return node.items.map((item) => convert(item, depth + 1))
    if (isMap(node)) return convertMap(node.items, depth)
    if (!isScalar(node)) return null
    const isText = isShortForm(node.tag) || (typeof node.value === 'object' && node.value !== null)
    if (isText) return node.source ?? String(node.value)
    return typeof node.value === 'bigint' ? Number(node.value) : node.value
  }
  function convertMap(pairs: readonly { key: unknown; value: unknown }[], depth: number): JsonObject {
    const merged: (readonly [string, unknown])[] = []
    const own: (readonly [string, unknown])[] = []
    for (const { key, value } of pairs) {
      if (!isScalar(key)) throw new TemplateFileError('has a key that is no text')
      const name = nameOf(key)
      if (name === '<<' && key.type === 'PLAIN') merged.push(...mergedEntries(convert(value, depth + 1)))
      else own.push([name, convert(value, depth + 1)])
    }
    return Object.fromEntries([...merged, ...own])
  }
  return convert(document.contents, 0)
}

/** @throws {TemplateFileError} If the text is no YAML, or expands without an end. */
export function parseYaml(text: string): unknown {
  try {
    const document = parseDocument(text, {
      version: '1.1',
      merge: false,
      logLevel: 'silent',
      uniqueKeys: (one, other) => isScalar(one) && isScalar(other) && nameOf(one) === nameOf(other),
    })
    const [error] = document.errors
    if (error !== undefined) throw new TemplateFileError(`is no YAML: ${error.message.split(/:?\n/)[0]}`)
    return toPlain(document)
  } catch (error) {
    if (error instanceof RangeError) throw new TemplateFileError('is nested too deep')
    throw error
  }
}
