using System.Diagnostics;
using Caravan.Inference;
using Caravan.Kernels;
using Caravan.Models;

namespace Caravan.Cli;

/// <summary>
/// Times an engine the way its users use it: requests with random tokens go in, the engine steps, tokens come out. Reading a prompt and
/// generating are timed apart, as llama-bench does, so numbers can be compared.
/// </summary>
internal sealed class Benchmark : IDisposable
{
    /// <summary>Where the run that fills the pages differs from the timed one, some sequences begin to generate before others.</summary>
    private const int SpareSteps = 2;

    private readonly BenchOptions options;
    private readonly CancellationToken cancellation;
    private readonly Model model;
    private readonly Engine engine;
    private readonly int[][] behind;
    private readonly TimeSpan load;
    private SplitMix64 random = new(1);

    /// <summary>Loads the model.</summary>
    /// <exception cref="CaravanException">It cannot be loaded, or there is not enough memory.</exception>
    public Benchmark(string path, BenchOptions options, CancellationToken cancellation = default)
    {
        (this.options, this.cancellation) = (options, cancellation);
        long start = Stopwatch.GetTimestamp();
        model = Model.Load(path);
        try
        {
            if (options is { Depth: > 0, Prompt: > 0 } && model.Decoder.Spec.DependsOnLength)
                throw new CaravanException($"'{path}' recomputes a text when it grows, so a prompt behind --depth cannot be timed alone; give --prompt 0 or --depth 0.");
            engine = new Engine(model, EngineOptions());
        }
        catch
        {
            model.Dispose();
            throw;
        }

        load = Stopwatch.GetElapsedTime(start);
        behind = [.. Enumerable.Range(0, options.Batch).Select(_ => Tokens(options.Depth))];
    }

    private int BehindCount => Math.Max(1, options.Depth);

    /// <summary>Tokens that a sequence may generate before all have begun, and those that are timed.</summary>
    private int MostGenerated => options.Generate + SpareSteps + (int)((long)options.Batch * BehindCount / new EngineOptions().BatchTokens);

    /// <summary>Runs everything once to warm up, then as often as the options say.</summary>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public BenchReport Run()
    {
        long start = Stopwatch.GetTimestamp();
        Finish(Submit([Tokens(1)], mostTokens: 1));
        TimeSpan first = load + Stopwatch.GetElapsedTime(start);
        if (options.Depth > 0) Finish(Submit(behind, mostTokens: 1));
        List<NativeSpan<byte>> weights = [.. model.Decoder.Weights.Select(weight => weight.Bytes)];
        List<double> prompts = [], generated = [], reading = [];
        for (int run = 0; run <= options.Repeat; run++)
        {
            if (options.Prompt > 0) prompts.Add(TimePrompt());
            if (options.Generate > 0) generated.Add(TimeGeneration());
            reading.Add(MemoryReading.BytesPerSecond(weights, engine.Threads));
        }

        return new BenchReport
        {
            Prompt = [.. prompts.Skip(1)],
            Generate = [.. generated.Skip(1)],
            MemoryBytesPerSecond = BenchReport.Median([.. reading.Skip(1)]),
            WeightBytes = weights.Sum(weight => weight.Length),
            StepBytes = weights.Sum(weight => weight.Length) - LookedUpBytes(),
            KeyValueType = engine.KeyValueType,
            TokenBytes = engine.TokenBytes,
            Threads = engine.Threads,
            InstructionSet = engine.InstructionSet,
            Load = load,
            FirstToken = first,
            PeakBytes = PeakMemory.Bytes(),
        };
    }

    /// <summary>Stops the threads, frees the pages, unmaps the weights.</summary>
    public void Dispose()
    {
        engine.Dispose();
        model.Dispose();
    }

    /// <summary>Bytes of the embedding, of which a step reads a row for each sequence, unless it is the head too.</summary>
    private long LookedUpBytes() =>
        model.Decoder.Spec.TiedHead ? 0 : model.Decoder.Weights.Single(weight => weight.Name == "embedding.weight").Bytes.Length;

    /// <summary>Prompt tokens per second. The tokens behind them are in pages already; new prompts each time, so that these are not.</summary>
    private double TimePrompt()
    {
        List<Generation> generations = Submit(behind.Select(tokens => (int[])[.. tokens, .. Tokens(options.Prompt)]), mostTokens: 1);
        long start = Stopwatch.GetTimestamp();
        Finish(generations);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (generations.Any(generation => options.Depth - generation.ReusedTokens >= KeyValuePages.PageTokens))
            throw new InvalidOperationException("Tokens behind a prompt were computed again while the clock ran.");
        return generations.Sum(generation => generation.PromptTokens - generation.ReusedTokens) / seconds;
    }

    /// <summary>Generated tokens per second, from when every sequence has its first.</summary>
    private double TimeGeneration()
    {
        List<Generation> generations = Submit(options.Depth > 0 ? behind : behind.Select(_ => Tokens(1)), MostGenerated);
        while (generations.Any(generation => generation.Tokens.Count == 0)) Step(generations);
        int before = Count(generations);
        long start = Stopwatch.GetTimestamp();
        for (int step = 0; step < options.Generate; step++) Step(generations);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int count = Count(generations) - before;
        foreach (Generation generation in generations) generation.Cancel();
        Finish(generations);
        return count / seconds;
    }

    private List<Generation> Submit(IEnumerable<int[]> prompts, int mostTokens) =>
        [.. prompts.Select(prompt => engine.Submit(new GenerationRequest { Prompt = prompt, MaxTokens = mostTokens, Sampling = SamplingOptions.Greedy }))];

    private void Finish(List<Generation> generations)
    {
        while (generations.Any(generation => generation.FinishReason is null)) Step(generations);
    }

    private void Step(List<Generation> generations)
    {
        cancellation.ThrowIfCancellationRequested();
        engine.Step();
        foreach (Generation generation in generations)
            if (generation.Failure is { } failure) throw failure;
    }

    private static int Count(List<Generation> generations) => generations.Sum(generation => generation.Tokens.Count);

    private int[] Tokens(int count)
    {
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) tokens[i] = (int)(random.Next() % (ulong)model.Decoder.Spec.VocabularySize);
        return tokens;
    }

    /// <summary>Room for exactly what is measured: whole pages for every sequence.</summary>
    private EngineOptions EngineOptions()
    {
        long longest = Math.Max((long)options.Depth + options.Prompt, BehindCount + (long)MostGenerated) + 1;
        long rounded = (longest + KeyValuePages.PageTokens - 1) / KeyValuePages.PageTokens * KeyValuePages.PageTokens;
        if (rounded * options.Batch > int.MaxValue)
            throw new CaravanException($"{options.Batch} sequences of {longest} tokens are more than an engine holds; lower --batch, --depth, --prompt or --generate.");
        return new EngineOptions { Threads = options.Threads, ContextLength = (int)rounded, CacheTokens = (int)(rounded * options.Batch), KeyValueType = options.KeyValueType };
    }
}
