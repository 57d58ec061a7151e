using System.Diagnostics;
using Caravan.Inference;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;

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
        model = Model.Load(path, new ModelOptions { Repack = options.Repack });
        try
        {
            if (options is { Depth: > 0, Prompt: > 0 } && !model.Decoder.Spec.SharesPages)
                throw new CaravanException($"'{path}' leaves nothing in pages that another sequence can go on from, so a prompt behind --depth cannot be timed alone; give --prompt 0 or --depth 0.");
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
        if (options.Prompt > 0) TimePrompt();
        if (options.Generate > 0) TimeGeneration(behind);
        // What measures the machine takes memory of its own.
        long peak = PeakMemory.Bytes();
        using Device device = new(options.Threads, options.InstructionSet, ActivationPrecision.Int8);
        using MachineSpeed machine = new(device.Kernels.Workers);
        int rows = (int)Math.Min((long)options.Prompt * options.Batch, new EngineOptions().BatchTokens);
        using LinearSpeed? linear = rows > 0 ? new LinearSpeed(model, device, Tokens(rows)) : null;
        List<BenchRun> runs = [];
        while (runs.Count < options.Repeat) runs.Add(Measure(machine, linear, rows));
        long weights = model.Decoder.Weights.Sum(weight => weight.Bytes.Length);
        return new BenchReport
        {
            Runs = runs,
            Batch = options.Batch,
            WeightBytes = weights,
            StepBytes = (long)model.Decoder.Weights.Sum(StepBytes),
            PageBytes = engine.PageBytes,
            StateBytes = engine.StateBytes,
            LinearOperationsPerToken = linear is null ? 0 : linear.Operations / rows,
            KeyValueType = engine.KeyValueType,
            TokenBytes = engine.TokenBytes,
            Threads = engine.Threads,
            InstructionSet = engine.InstructionSet,
            Load = load,
            FirstToken = first,
            PeakBytes = peak,
        };
    }

    /// <summary>Stops the threads, frees the pages, unmaps the weights.</summary>
    public void Dispose()
    {
        engine.Dispose();
        model.Dispose();
    }

    private BenchRun Measure(MachineSpeed machine, LinearSpeed? linear, int rows)
    {
        double? limit = rows / linear?.Seconds();
        double? prompt = options.Prompt > 0 ? TimePrompt() : null;
        double read = machine.ReadBytesPerSecond();
        // Alone first: what it puts in the place of others' pages is there again when all have generated.
        double? alone = options is { Generate: > 0, Batch: > 1 } ? TimeGeneration(behind[..1]) : null;
        double? generate = options.Generate > 0 ? TimeGeneration(behind) : null;
        return new BenchRun
        {
            Prompt = prompt, Generate = generate, Alone = alone, LinearLimit = limit, ReadBytesPerSecond = read, RegionSeconds = machine.RegionSeconds(),
        };
    }

    /// <summary>
    /// Bytes of a weight that a step of generation reads: all of them, but hardly any of an embedding that is not the head, and of experts the
    /// share that is chosen.
    /// </summary>
    private double StepBytes(Tensor weight)
    {
        DecoderSpec spec = model.Decoder.Spec;
        if (weight.Name == Stack.EmbeddingName && !spec.TiedHead) return 0;
        WeightName name = WeightName.Parse(weight.Name!);
        return weight.Bytes.Length * (name.Expert is null ? 1 : spec.Layers[name.Layer!.Value].ChannelMixer.ShareRead(options.Batch));
    }

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
    private double TimeGeneration(int[][] before)
    {
        List<Generation> generations = Submit(options.Depth > 0 ? before : before.Select(_ => Tokens(1)), MostGenerated);
        while (generations.Any(generation => generation.Tokens.Count == 0)) Step(generations);
        int begun = Count(generations);
        long start = Stopwatch.GetTimestamp();
        for (int step = 0; step < options.Generate; step++) Step(generations);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int count = Count(generations) - begun;
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
        return new EngineOptions
        {
            Threads = options.Threads, InstructionSet = options.InstructionSet, ContextLength = (int)rounded, CacheTokens = (int)(rounded * options.Batch), Sequences = options.Batch,
            KeyValueType = options.KeyValueType,
        };
    }
}
