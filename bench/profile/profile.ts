// A CPU profile of V8, added up: the self time of each function and of each module.

import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT } from '../../cli/build.ts'

/** The part of https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile that is used. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      readonly lineNumber: number
    }
  }[]
  readonly samples?: readonly number[] | undefined
  readonly timeDeltas?: readonly number[] | undefined
}

export interface SelfTime {
  readonly name: string
  readonly ms: number
  /** Of the whole recording, idle time included. */
  readonly share: number
}

function moduleOf(url: string): string {
  if (url === '') return '(V8 and native)'
  const path = url.startsWith('file:') ? relative(ROOT, fileURLToPath(url)) : url
  return /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path
}

function ranked(times: ReadonlyMap<string, number>): SelfTime[] {
  const total = [...times.values()].reduce((sum, ms) => sum + ms, 0)
  return [...times].map(([name, ms]) => ({ name, ms, share: ms / total })).toSorted((a, b) => b.ms - a.ms)
}

/** Self time by function and by module, longest first, over any number of profiles. */
export function summarize(profiles: readonly CpuProfile[]): {
  readonly functions: readonly SelfTime[]
  readonly modules: readonly SelfTime[]
} {
  const functions = new Map<string, number>()
  const modules = new Map<string, number>()
  const add = (times: Map<string, number>, name: string, ms: number) =>
    times.set(name, (times.get(name) ?? 0) + ms)
  for (const { nodes, samples = [], timeDeltas = [] } of profiles) {
    const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
    samples.forEach((id, at) => {
      const { functionName, url, lineNumber } = frames.get(id)!
      if (url === 'node:inspector') return // The profiler itself.
      const ms = (timeDeltas[at] ?? 0) / 1000
      const module = moduleOf(url)
      const place = url === '' ? '' : ` ${module}:${lineNumber + 1}`
      add(functions, `${functionName || '(anonymous)'}${place}`, ms)
      add(modules, functionName.startsWith('(') && url === '' ? functionName : module, ms)
    })
  }
  return { functions: ranked(functions), modules: ranked(modules) }
}
