// The necessary part of the Lambda runtime: it loads the bundle, calls the handler once, prints the answer and the CPU
// time so far, and ends. Without EVENT it only loads the bundle. What a handler logs goes nowhere unless CONSOLE is set.
// JavaScript, so that no types have to be stripped at the start.

const { EVENT, CONSOLE } = process.env
if (CONSOLE === undefined) console.log = () => {}
const { handler } = await import(process.argv[2])
const answer =
  EVENT === undefined
    ? { isAuthorized: typeof handler === 'function' }
    : await handler(JSON.parse(EVENT), { awsRequestId: 'bench' })
const { userCPUTime, systemCPUTime } = process.resourceUsage()
process.stdout.write(
  `\n${JSON.stringify({ decision: answer.isAuthorized, cpuMs: (userCPUTime + systemCPUTime) / 1000 })}\n`,
)
process.exit(0)
