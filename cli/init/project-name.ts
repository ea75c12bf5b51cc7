// The name of the project, from its package.json or its folder: that of the Worker, the service or the stack.

import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isJsonObject } from '../../shared/edge.ts'

/** The shortest of the names that wrangler, osls and CloudFormation take. */
const MAX_CHARS = 40

/** A letter, then letters, digits and "-"; empty if nothing of the text fits. */
const toName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, MAX_CHARS)
    .replace(/-+$/, '')

function nameInPackage(root: string): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const name = isJsonObject(manifest) ? manifest['name'] : undefined
    return typeof name === 'string' ? name.replace(/^@[^/]*\//, '') : ''
  } catch {
    return ''
  }
}

/** Two characters at least. */
export const projectName = (root: string): string =>
  [nameInPackage(root), basename(root)].map(toName).find((name) => name.length > 1) ?? 'lanekeeper-gateway'
