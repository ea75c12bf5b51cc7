// The machine and the versions that a run was made with.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../cli/build.ts'

interface Manifest {
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
}

const readManifest = (path: string): Manifest =>
  JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Manifest

const installed = (directory: string, name: string): string =>
  readManifest(join(directory, 'node_modules', name, 'package.json')).version

export interface Versions {
  readonly node: string
  readonly workerd: string
  /** The commit that was measured, with a plus sign if files differ from it; `null` outside a repository. */
  readonly commit: string | null
  readonly peers: Readonly<Record<string, string>>
}

function commitOf(): string | null {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+')
  } catch {
    return null
  }
}

export function readVersions(): Versions {
  const peers = Object.keys(readManifest('bench/package.json').dependencies ?? {})
  return {
    node: process.version.slice(1),
    workerd: installed('.', 'workerd'),
    commit: commitOf(),
    peers: Object.fromEntries(peers.map((name) => [name, installed('bench', name)])),
  }
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  /** The load average of the last minute. A value above the number of cores means that other processes were running. */
  readonly load: number
}

export const readMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryBytes: totalmem(),
  system: `${platform()} ${release()} ${arch()}`,
  load: Math.round(loadavg()[0]! * 10) / 10,
})
