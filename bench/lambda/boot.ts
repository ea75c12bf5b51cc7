// One cold start: a new Node process, the bundle, one event, one answer.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const BOOT = join(import.meta.dirname, 'boot.mjs')

export interface Start {
  /** Milliseconds from just before the process is started until its answer has arrived. */
  readonly ms: number
  /** Milliseconds of CPU that the process has used until its answer, on all threads. */
  readonly cpuMs: number
  readonly allowed: boolean
}

/** Starts Node for one decision, or without an event only to load the bundle. `flags` go to Node. */
export async function coldStart(
  bundle: string,
  environment: Readonly<Record<string, string>>,
  event: string | null,
  flags: readonly string[] = [],
): Promise<Start> {
  const startedAt = performance.now()
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, BOOT, bundle], {
    env: { ...environment, ...(event === null ? {} : { EVENT: event }) },
  })
  const ms = performance.now() - startedAt
  const said = stdout.trim().split('\n').at(-1) ?? ''
  const { decision, cpuMs } = JSON.parse(said) as { readonly decision: unknown; readonly cpuMs: number }
  return { ms, cpuMs, allowed: decision === true }
}
