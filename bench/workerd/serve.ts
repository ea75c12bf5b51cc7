// A Worker in workerd itself, without miniflare; its log is discarded. Its settings are those of wrangler.toml. Each
// Worker has a process of its own, so that none influences another.

import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import { createInterface } from 'node:readline'
import workerd from 'workerd'
import { unstable_readConfig } from 'wrangler'
import { ROOT } from '../../cli/build.ts'
import type { Bench } from '../row.ts'
import type { Bundle } from './source.ts'

export interface ServedWorker {
  readonly port: number
  /** Path of the bundle. */
  readonly script: string
  /** Port of the inspector, if the caller set one. */
  readonly inspectorPort: number | null
  /** Milliseconds of CPU that the process has used so far; `null` without /proc. */
  cpuMs(): number | null
  /** Ends the process. */
  stop(): void
}

export interface WorkerSource {
  readonly name: string
  readonly bundle: Bundle
  /** Text bindings. */
  readonly variables?: Readonly<Record<string, string>>
}

/** Of all running threads; a thread that has ended is not counted, and workerd ends none. */
function cpuMsOf(pid: number): number | null {
  try {
    const tasks = `/proc/${pid}/task`
    const spent = (task: string) => Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0])
    return readdirSync(tasks).reduce((sum, task) => sum + spent(task), 0) / 1e6
  } catch {
    return null
  }
}

const quoted = (text: string): string => JSON.stringify(text)

/** https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp */
function toCapnp(script: string, variables: Readonly<Record<string, string>>): string {
  const settings = unstable_readConfig({ config: join(ROOT, 'wrangler.toml') })
  const bindings = Object.entries(variables).map(
    ([name, text]) => `(name = ${quoted(name)}, text = ${quoted(text)})`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed ${quoted(script)})],
  compatibilityDate = ${quoted(settings.compatibility_date ?? '')},
  compatibilityFlags = [${(settings.compatibility_flags ?? []).map(quoted).join(', ')}],
  bindings = [${bindings.join(', ')}],
);
`
}

interface Listening {
  readonly event: 'listen' | 'listen-inspector'
  readonly port: number
}

/** A Worker that is bundled but not started. */
export interface PreparedWorker {
  readonly name: string
  /** Path of the bundle. */
  readonly script: string
  /** Path of the configuration of workerd. */
  readonly config: string
}

/** Bundles the Worker. */
export async function prepareWorker(
  { name, bundle, variables = {} }: WorkerSource,
  { directory }: Pick<Bench, 'directory'>,
): Promise<PreparedWorker> {
  const own = join(directory, 'workers', name.replace(/\W+/g, '-'))
  await mkdir(own, { recursive: true })
  const script = await bundle(own)
  const config = `${script}.capnp`
  await writeFile(config, toCapnp(basename(script), variables))
  return { name, script, config }
}

/** Starts workerd and waits until it listens. Its process ends with the bench, or by `stop`. */
export async function startWorker(
  { name, script, config }: PreparedWorker,
  { atEnd }: Pick<Bench, 'atEnd'>,
  inspect = false,
): Promise<ServedWorker> {
  const flags = ['--control-fd=3', ...(inspect ? ['--inspector-addr=127.0.0.1:0'] : [])]
  const child = spawn(workerd.default, ['serve', ...flags, config], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const stop = () => child.kill('SIGKILL')
  atEnd(stop)
  let said = ''
  child.stderr!.on('data', (chunk: Buffer) => (said = `${said}${chunk}`.slice(-2_000)))
  let inspectorPort: number | null = null
  const port = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`workerd ended with ${code} (${name}): ${said}`)))
    createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => {
      const { event, port } = JSON.parse(line) as Listening
      if (event === 'listen-inspector') inspectorPort = port
      else resolve(port)
    })
  })
  return { port, script, inspectorPort, stop, cpuMs: () => cpuMsOf(child.pid!) }
}

/** Bundles the Worker and starts it. */
export const serveWorker = async (
  source: WorkerSource,
  bench: Bench,
  inspect = false,
): Promise<ServedWorker> => startWorker(await prepareWorker(source, bench), bench, inspect)
