// wrangler.toml of the Worker.

import type { Answers } from './answers.ts'
import { originFiles, originName } from './backend.ts'
import type { ProjectFile } from './file.ts'
import { quoteData } from './quote.ts'
import { COMPATIBILITY_DATE } from './tool-versions.ts'

const service = (name: string): string => `# The sample origin of origin/. Deploy it first.
services = [{ binding = "ORIGIN", service = ${quoteData(originName(name))} }]
`

const settings = ({
  name,
  origin,
}: Answers): string => `# \`npx wrangler deploy\` compiles lanekeeper.config.ts and deploys it as a Worker in front of your origin.
# node_modules/lanekeeper/docs/cloudflare.md has the reasons for these settings.
name = ${quoteData(name)}
main = "dist/worker/index.js"
no_bundle = true # lanekeeper has bundled it
compatibility_date = ${quoteData(COMPATIBILITY_DATE)}
compatibility_flags = ["global_fetch_strictly_public", "no_nodejs_compat", "no_nodejs_compat_v2"]
workers_dev = false
preview_urls = false
# The requests that go through the Worker. Fill in your host and zone before you deploy.
# routes = [{ pattern = "api.example.com/*", zone_name = "example.com" }]
${origin === 'sample' ? service(name) : ''}
[build]
command = "npx lanekeeper build --edge cloudflare"

[observability]
enabled = true
`

export const wranglerFiles = (answers: Answers): readonly ProjectFile[] => [
  {
    path: 'wrangler.toml',
    text: settings(answers),
    alternatives: ['wrangler.json', 'wrangler.jsonc'],
  },
  ...(answers.origin === 'sample' ? originFiles(answers.name) : []),
]
