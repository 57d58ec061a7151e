namespace Caravan.Cli;

/// <summary>Every verb, one line each, in the order of the help.</summary>
internal static class VerbCatalog
{
    /// <summary>New verbs, for one command line.</summary>
    public static IReadOnlyList<Verb> Create() =>
    [
        new GenerateVerb(),
        new ChatVerb(),
        new ServeVerb(),
        new PullVerb(),
        new InfoVerb(),
        new LogitsVerb(),
        new TokenizeVerb(),
        new DetokenizeVerb(),
        new ConvertVerb(),
        new QuantizeVerb(),
        new AdapterInfoVerb(),
        new AdapterMergeVerb(),
        new TrainVerb(),
        new ReportVerb(),
        new BenchVerb(),
        new EvalPerplexityVerb(),
        new EvalLossVerb(),
        new EvalSkillsVerb(),
        new DataSynthVerb(),
        new DataTokenizerVerb(),
        new DataStatsVerb(),
        new DataConvertVerb(),
        new DataDedupVerb(),
        new DataContaminationVerb(),
        new CatalogListVerb(),
        new CatalogSearchVerb(),
        new CatalogShowVerb(),
    ];
}
