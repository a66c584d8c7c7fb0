/** What tests start in a child process: the command line from its sources. */
import { main } from '../main.ts'

await main(process.argv.slice(2))
