// One cold start: a new Node process, the bundle, one event, one answer.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const BOOT = join(import.meta.dirname, 'boot.mjs')

export interface Start {
  /** Milliseconds from just before the process is started until its answer has arrived. */
  readonly ms: number
  readonly allowed: boolean
}

/** Starts Node for one decision. `flags` go to Node. */
export async function coldStart(
  bundle: string,
  environment: Readonly<Record<string, string>>,
  event: string,
  flags: readonly string[] = [],
): Promise<Start> {
  const startedAt = performance.now()
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, BOOT, bundle], {
    env: { ...environment, EVENT: event },
  })
  const ms = performance.now() - startedAt
  const said = stdout.trim().split('\n').at(-1) ?? ''
  return { ms, allowed: (JSON.parse(said) as { decision: unknown }).decision === true }
}
