// The module that a line of a bundle came from: esbuild writes its path above each module.

import type { CpuProfile } from './profile.ts'

const PATH_COMMENT = /^\/\/ (\S+\.[cm]?[jt]s)$/

/** The profile with the modules in place of the one bundle that workerd knows. */
export function nameModules({ nodes, ...profile }: CpuProfile, bundle: string): CpuProfile {
  let module = 'worker.js'
  const modules = bundle.split('\n').map((line) => (module = PATH_COMMENT.exec(line)?.[1] ?? module))
  return {
    ...profile,
    nodes: nodes.map((node) =>
      node.callFrame.url.endsWith('worker.js')
        ? { ...node, callFrame: { ...node.callFrame, url: modules[node.callFrame.lineNumber] ?? module } }
        : node,
    ),
  }
}
