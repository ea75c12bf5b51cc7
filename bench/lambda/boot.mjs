// The necessary part of the Lambda runtime: it loads the bundle, calls the handler once, prints the answer and ends.
// JavaScript, so that no types have to be stripped at the start.

const { handler } = await import(process.argv[2])
const answer = await handler(JSON.parse(process.env.EVENT), { awsRequestId: 'bench' })
process.stdout.write(`\n${JSON.stringify({ decision: answer.isAuthorized })}\n`)
process.exit(0)
