using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Text;

namespace Caravan.Inference;

/// <summary>
/// Generates with a model: owns the threads, the pages of keys and values and the one loop that steps all sequences. Requests may be submitted and
/// cancelled from any thread; one thread at a time may step. <see cref="EngineLoop"/> is such a thread.
/// </summary>
public sealed class Engine : IDisposable
{
    private readonly Device device;
    private readonly Pass pass;
    private readonly PagePool pool;
    private readonly StatePool states;
    private readonly Scheduler scheduler;
    private readonly EngineMetrics metrics;
    private CandidateSet candidates;
    private readonly int cacheTokens;
    private ImagePreparation? preparation;

    /// <summary>An engine for a model, which stays the caller's.</summary>
    /// <exception cref="CaravanException">An option is out of range, the model has no positions for such a context, or there is not enough memory for the pages.</exception>
    public Engine(Model model, EngineOptions? options = null)
    {
        options ??= new EngineOptions();
        if (model.IsRepacked && (options.Precision == ActivationPrecision.Exact || (options.InstructionSet ?? Cpu.Best) != Cpu.Best))
            throw new CaravanException($"'{model.Path}' was repacked for products with 8-bit activations on {Cpu.Best}; load it without repacking to compute otherwise.");
        Model = model;
        DecoderSpec spec = model.Generator.Spec;
        int trained = spec.DependsOnLength ? int.MaxValue : spec.ContextLength;
        ContextLength = options.ContextLength ?? Math.Min(trained, EngineOptions.UsualContext);
        cacheTokens = options.CacheTokens ?? (spec.Encoder is null ? ContextLength : checked(2 * Sequence.PagesOf(ContextLength) * KeyValuePages.PageTokens));
        Require(ContextLength, nameof(options.ContextLength));
        model.RequirePositions(ContextLength);
        Require(cacheTokens, nameof(options.CacheTokens));
        Require(options.BatchTokens, nameof(options.BatchTokens));
        Require(options.PromptTokensBesideAnswers, nameof(options.PromptTokensBesideAnswers));
        int pages = (int)Math.Min(int.MaxValue, ((long)cacheTokens + KeyValuePages.PageTokens - 1) / KeyValuePages.PageTokens);
        int sequences = options.Sequences ?? (spec.StateSize > 0 ? EngineOptions.UsualStates : pages);
        Require(sequences, nameof(options.Sequences));
        pool = new PagePool(spec, pages, options.KeyValueType);
        // A sequence has a page at least.
        states = new StatePool(spec, Math.Min(sequences, pages));
        device = new Device(options.Threads, options.InstructionSet, options.Precision);
        pass = new Pass(device);
        candidates = new CandidateSet(spec.VocabularySize);
        metrics = new EngineMetrics(options.ModelName ?? System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(model.Path)), () => Status);
        scheduler = new Scheduler(model, pool, states, pass, options, metrics);
    }

    /// <summary>The model that computes.</summary>
    public Model Model { get; }

    /// <summary>Most tokens of one sequence, prompt included.</summary>
    public int ContextLength { get; }

    /// <summary>Threads that share the work.</summary>
    public int Threads => device.Threads;

    /// <summary>Width of the kernels in use.</summary>
    public InstructionSet InstructionSet => device.InstructionSet;

    /// <summary>Bytes of the pages of keys and values.</summary>
    internal long PageBytes => pool.Memory.Count * pool.Memory.PageBytes;

    /// <summary>Bytes of the states of as many sequences as run at once.</summary>
    internal long StateBytes => states.Memory.Count * states.Memory.SlotBytes;

    /// <summary>How keys and values are kept.</summary>
    internal DType KeyValueType => pool.Memory.Type;

    /// <summary>Bytes of keys and values of one token.</summary>
    internal long TokenBytes => pool.Memory.PageBytes / KeyValuePages.PageTokens;

    /// <summary>Puts a request in the queue; <see cref="Step"/> moves it forward.</summary>
    /// <param name="request">What to continue.</param>
    /// <param name="receiver">Gets each token the moment it is chosen; null to collect them in <see cref="Generation.Tokens"/> only.</param>
    /// <exception cref="CaravanException">The prompt is empty, too long or holds unknown tokens, or a sampling option is out of range.</exception>
    public Generation Submit(GenerationRequest request, TokenReceiver? receiver = null) => Submit(request, receiver, PictureValues(request.Images));

    /// <summary>The same with images as their tower takes them, [channels, height, width] each.</summary>
    internal Generation Submit(GenerationRequest request, TokenReceiver? receiver, IReadOnlyList<float[]> images)
    {
        Sequence sequence = Prepare(request, receiver, images);
        Enqueue(sequence);
        return sequence.Generation;
    }

    /// <summary>Checks a request and makes a sequence of it, whose generation can be known before its first token comes.</summary>
    internal Sequence Prepare(GenerationRequest request, TokenReceiver? receiver) => Prepare(request, receiver, PictureValues(request.Images));

    /// <summary>Puts a prepared sequence in the queue.</summary>
    internal void Enqueue(Sequence sequence)
    {
        scheduler.Enqueue(sequence);
        Submitted?.Invoke();
    }

    /// <summary>How busy it is; may be asked from any thread.</summary>
    public EngineStatus Status => scheduler.Status;

    /// <summary>Tells that there is something to do, on the thread that submitted it.</summary>
    internal event Action? Submitted;

    /// <summary>
    /// Lets the thread that steps compute something else with the model, one such piece of work between two steps: a model's layers are not for
    /// two threads at once. The result must not refer to the pass, whose memory is used again.
    /// </summary>
    internal Task<T> Between<T>(Func<Pass, T> compute)
    {
        SideWork<T> work = new(compute);
        scheduler.Enqueue(work);
        Submitted?.Invoke();
        return work.Result;
    }

    /// <summary>Ends everything that waits or runs, after a step that failed as a whole.</summary>
    internal void FailAll(CaravanException failure) => scheduler.FailAll(failure);

    /// <summary>
    /// Forgets what was computed for beginnings that later prompts may share. Whoever changes the model's weights calls this before the next request,
    /// with none running.
    /// </summary>
    internal void ForgetBeginnings() => pool.ForgetAll();

    /// <summary>One forward pass over all sequences; false when there is nothing to do.</summary>
    public bool Step() => scheduler.Step();

    /// <summary>Submits a request and steps until it has ended.</summary>
    /// <exception cref="CaravanException">The request was refused, or the model gave no usable numbers.</exception>
    public Generation Generate(GenerationRequest request, TokenReceiver? receiver = null, CancellationToken cancellation = default)
    {
        Generation generation = Submit(request, receiver);
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(state => ((Generation)state!).Cancel(), generation);
        while (generation.FinishReason is null) Step();
        return generation.Failure is null ? generation : throw generation.Failure;
    }

    /// <summary>Stops the threads and frees the pages.</summary>
    public void Dispose()
    {
        device.Dispose();
        pass.Dispose();
        pool.Dispose();
        states.Dispose();
        metrics.Dispose();
    }

    private Sequence SequenceOf(GenerationRequest request, TokenReceiver? receiver, IReadOnlyList<float[]> images)
    {
        DecoderSpec spec = Model.Generator.Spec;
        if (request.Structured is { } structured) return SequenceOf(request, receiver, structured, spec);
        GrammarCursor? grammar = request.Sampling.Grammar?.For(Model.Tokenizer) is { } known ? new GrammarCursor(known, request.StopTokens, TextJoin.Continues(Model, request.Prompt)) : null;
        Sampler sampler = new(request.Sampling, spec.VocabularySize, candidates, grammar);
        if (spec.Encoder is not null)
        {
            int room = (pool.Memory.Count - Sequence.PagesOf(request.Prompt.Count)) * KeyValuePages.PageTokens;
            return new Sequence(request, receiver, sampler, Math.Min(ContextLength, room), Model.Adapters, spec.StartTokens);
        }

        SequencePrefix? prefix = spec.Prefix?.Of([.. request.Prompt]);
        bool shares = spec.SharesPages && prefix is null && images.Count == 0;
        return new Sequence(request, receiver, sampler, Math.Min(ContextLength, cacheTokens), Model.Adapters, prefix, shares) { Images = images };
    }

    private Sequence SequenceOf(GenerationRequest request, TokenReceiver? receiver, StructuredPrompt prompt, DecoderSpec spec)
    {
        if (spec.Numbering is null)
            throw new CaravanException($"'{Model.Path}' is of the family {Model.Family.Name} and takes no prompts that are objects of texts, as its tokenizer writes them; name its own tokenizer.");
        if (Model.Adapters.VirtualTokensOf(request.Adapter).Any())
            throw new CaravanException("An adapter with virtual tokens takes no prompts that are objects of texts; give a text, or leave the adapter out.");
        SequenceParts parts = new(prompt, spec.VocabularySize);
        int kinds = spec.Relations, largest = parts.LargestRelation();
        if (largest > kinds)
            throw new CaravanException($"The prompt's texts lie in {largest} ways to each other, and '{Model.Path}' tells {kinds} apart; nest its objects less.");
        if (candidates.Capacity < parts.Vocabulary) candidates = new CandidateSet(parts.Vocabulary);
        Dictionary<int, float> bias = request.Sampling.LogitBias?.ToDictionary() ?? [];
        foreach (int id in parts.Forbidden) bias[id] = float.NegativeInfinity;
        Sampler sampler = new(request.Sampling with { LogitBias = bias }, parts.Vocabulary, candidates);
        return new Sequence(request, receiver, sampler, Math.Min(ContextLength, cacheTokens), Model.Adapters, parts);
    }

    private Sequence Prepare(GenerationRequest request, TokenReceiver? receiver, IReadOnlyList<float[]> images)
    {
        if (Model.VisionLanguage is { } seeing) request = request with { Prompt = seeing.Expand(request.Prompt, images.Count) };
        RequirePrompt(request.Prompt, Model.Adapters.VirtualTokensOf(request.Adapter).Count());
        if (request.MaxTokens < 1) throw new CaravanException($"{request.MaxTokens} tokens were asked for; at least 1 was expected.");
        return SequenceOf(request, receiver, images);
    }

    private IReadOnlyList<float[]> PictureValues(IReadOnlyList<Picture> pictures)
    {
        if (pictures.Count == 0) return [];
        if (Model.VisionLanguage is not { } seeing)
            throw new CaravanException($"'{Model.Path}' is {Model.Network.KindWithArticle} of the family {Model.Family.Name} and sees no images; leave them out, or take a vision-language model.");
        preparation ??= new ImagePreparation(Model.Path, seeing.Images.Tower);
        return [.. pictures.Select(preparation.Prepare)];
    }

    private void RequirePrompt(IReadOnlyList<int> prompt, int virtualTokens)
    {
        if (prompt.Count == 0) throw new CaravanException("The prompt is empty, and a model continues at least one token; give some text.");
        int starting = Model.Generator.Spec.Encoder is null ? 0 : virtualTokens + Model.Generator.Spec.StartTokens.Length, tokens = virtualTokens + prompt.Count;
        string counted = virtualTokens == 0 ? "" : $" and its adapter puts {virtualTokens} virtual ones before it";
        if (starting > 0 && (prompt.Count > ContextLength || (pool.Memory.Count - Sequence.PagesOf(prompt.Count)) * KeyValuePages.PageTokens <= starting))
            throw new PromptTooLongException($"The text to read has {prompt.Count} tokens{counted}, but the context holds {ContextLength} and the cache {cacheTokens}, the answer included; shorten it or make room.");
        if (starting == 0 && tokens >= cacheTokens && cacheTokens < ContextLength)
            throw new PromptTooLongException($"The prompt has {prompt.Count} tokens{counted}, but the cache holds {cacheTokens}, the answer included; shorten it or make room.");
        if (starting == 0 && tokens >= ContextLength)
        {
            throw new PromptTooLongException(
                $"The prompt has {prompt.Count} tokens{counted}, but the context holds {ContextLength}, the answer included; shorten it or use a longer context" +
                $" (the model was trained for {Model.Generator.Spec.ContextLength}).");
        }

        int vocabulary = Model.Generator.Spec.VocabularySize;
        foreach (int token in prompt)
            if ((uint)token >= (uint)vocabulary) throw new CaravanException($"The prompt holds the token {token}; the model knows 0 to {vocabulary - 1}.");
    }

    private static void Require(int value, string name)
    {
        if (value < 1) throw new CaravanException($"The engine option {name} is {value}; at least 1 was expected.");
    }
}
