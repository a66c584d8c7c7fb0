import type { Config, SourceConfig } from '@tidegate/core'
import { problemAt, quoteValue, type Problem } from './problem.ts'
import { suggest } from './suggest.ts'
import { treeAt, valuePlace, variableWords, type Tree } from './tree.ts'

/** Every name under `notify` is a channel. One that is there but wrong in itself has been reported already. */
export function checkChannels(tree: Tree, config: Config): readonly Problem[] {
  const channels = treeAt(tree, ['channels'])
  return checkChannelNames(tree, config.sources, channels?.kind === 'map' ? [...channels.entries.keys()] : [])
}

export function checkChannelNames(
  tree: Tree,
  sources: readonly SourceConfig[],
  names: readonly string[],
): readonly Problem[] {
  return sources.flatMap((source) =>
    source.notify.flatMap((name, index) => {
      if (names.includes(name)) return []
      const path = ['sources', source.name, 'notify', index]
      const near = suggest(name, names)
      let hint = 'Add it under `channels:`.'
      if (near !== undefined) hint = `Did you mean \`${near}\`?`
      else if (names.length > 0) hint = `Channels: ${names.join(', ')}.`
      return [
        problemAt(
          valuePlace(tree, path),
          'CONFIG_UNKNOWN_CHANNEL',
          `source ${source.name} notifies ${variableWords(tree, path) ?? quoteValue(name)}, which is no channel`,
          { hint },
        ),
      ]
    }),
  )
}
