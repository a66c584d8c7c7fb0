/** The parts of ECharts that are used, and no more: this list is most of the page's size. */
import { BarChart, HeatmapChart, LineChart, PieChart, ScatterChart, SunburstChart } from 'echarts/charts'
import {
  AriaComponent,
  AxisPointerComponent,
  DataZoomComponent,
  GridComponent,
  LegendScrollComponent,
  MarkLineComponent,
  TitleComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
} from 'echarts/components'
import { init as open, use, type ECharts } from 'echarts/core'
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers'

const PARTS = [
  BarChart,
  HeatmapChart,
  LineChart,
  PieChart,
  ScatterChart,
  SunburstChart,
  AriaComponent,
  AxisPointerComponent,
  DataZoomComponent,
  GridComponent,
  LegendScrollComponent,
  MarkLineComponent,
  TitleComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
  CanvasRenderer,
  SVGRenderer,
]

/** Parts are registered when the first chart is opened: a module that only did so would be dropped from the bundle. */
export const init: typeof open = (...given) => {
  use(PARTS)
  return open(...given)
}

export type { ECharts }
