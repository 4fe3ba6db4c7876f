import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  METRICS,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricDefinition,
  type MetricName,
} from './metric-catalog.js';

/** prom-client's defaults that promtool refuses: gauges named `_total`. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** The metrics of one process: each of the catalog registered once, plus those of Node. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();

  constructor(names: readonly MetricName[], options: { readonly defaults: boolean } = { defaults: true }) {
    if (options.defaults) {
      collectDefaultMetrics({ register: this.#registry });
      for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
    }
    for (const name of names) this.#register(name, METRICS[name]);
  }

  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    this.#counters.get(name)?.inc(labels, by);
  }

  set<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number): void {
    this.#gauges.get(name)?.set(labels, value);
  }

  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void {
    this.#histograms.get(name)?.observe(labels, value);
  }

  /** The Prometheus text format, with its content type. */
  async expose(): Promise<{ readonly contentType: string; readonly body: string }> {
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  #register(name: MetricName, definition: MetricDefinition): void {
    const common = {
      name,
      help: definition.help,
      labelNames: [...definition.labels],
      registers: [this.#registry],
    };
    switch (definition.type) {
      case 'counter':
        this.#counters.set(name, new Counter(common));
        break;
      case 'gauge':
        this.#gauges.set(name, new Gauge(common));
        break;
      case 'histogram':
        this.#histograms.set(name, new Histogram({ ...common, buckets: [...(definition.buckets ?? [])] }));
        break;
    }
  }
}
