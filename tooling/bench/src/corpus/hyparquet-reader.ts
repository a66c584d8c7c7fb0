/** Reads one file whole with hyparquet: `node hyparquet-reader.ts FILE` prints its number of rows, or fails. */
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

const file = await asyncBufferFromFile(process.argv[2] ?? '')
process.stdout.write(String((await parquetReadObjects({ file, compressors })).length))
