using Caravan.Inference;
using Caravan.Kernels;
using Caravan.Models;

namespace Caravan.Training;

/// <summary>Lets a policy answer prompts as it is now. What it says depends on its weights, the prompts and the seed alone.</summary>
internal sealed class Rollouts : IDisposable
{
    private readonly Policy policy;
    private readonly RolloutOptions options;
    private readonly IReadOnlyList<int> stops;
    private readonly Engine engine;

    /// <summary>Rollouts of a policy.</summary>
    /// <param name="policy">Who answers.</param>
    /// <param name="options">How.</param>
    /// <param name="stops">Tokens that end an answer, the usual one first.</param>
    /// <param name="context">Most tokens of prompt and answer together.</param>
    /// <param name="threads">Threads that share the work.</param>
    public Rollouts(Policy policy, RolloutOptions options, IReadOnlyList<int> stops, int context, int threads)
    {
        (this.policy, this.options, this.stops) = (policy, options, stops);
        engine = new Engine(policy.Model, new EngineOptions
        {
            Threads = threads, Precision = ActivationPrecision.Exact, KeyValueType = DType.F32, ContextLength = context,
            CacheTokens = options.Together * (context + KeyValuePages.PageTokens), PromptTokensBesideAnswers = int.MaxValue,
        });
    }

    /// <summary>Rollouts of a model in a method's place: its prompts, its stops, its context, its threads.</summary>
    public static Rollouts Of(MethodContext context, Policy policy, RolloutOptions options) =>
        new(policy, options, context.Data.Text.StopTokens, context.Data.Text.Context, context.Device.Threads);

    /// <summary>Answers to prompts, those to one prompt together.</summary>
    /// <param name="prompts">Samples whose sequence is a prompt.</param>
    /// <param name="each">How many answers to each.</param>
    /// <param name="seed">Where chance begins; another for every call.</param>
    /// <exception cref="CaravanException">A prompt leaves no room for an answer, or the model gives no usable numbers.</exception>
    public IReadOnlyList<IReadOnlyList<Answer>> Draw(IReadOnlyList<EncodedSample> prompts, int each, ulong seed)
    {
        engine.ForgetBeginnings();
        SplitMix64 seeds = new(seed);
        Generation[][] generations = [.. prompts.Select(prompt => Enumerable.Range(0, each).Select(_ => engine.Submit(Request(prompt, seeds.Next()))).ToArray())];
        while (engine.Step())
        {
        }

        return [.. generations.Select((some, i) => (IReadOnlyList<Answer>)[.. some.Select(generation => Answer(prompts[i], generation))])];
    }

    /// <summary>Stops the engine.</summary>
    public void Dispose() => engine.Dispose();

    private GenerationRequest Request(EncodedSample prompt, ulong seed) => new()
    {
        Prompt = prompt.Sequences[0].Tokens, MaxTokens = options.MaxTokens, StopTokens = [.. stops], Adapter = policy.Adapter,
        Sampling = new SamplingOptions { Temperature = (float)options.Temperature, TopP = (float)options.TopP, Seed = seed },
    };

    private Answer Answer(EncodedSample prompt, Generation generation)
    {
        if (generation.Failure is { } failure) throw failure;
        int[] question = prompt.Sequences[0].Tokens;
        bool ended = generation.FinishReason == FinishReason.Stop;
        int[] tokens = [.. question, .. generation.Tokens, .. ended ? stops.Take(1) : []];
        bool[] learnt = [.. tokens.Select((_, i) => i >= question.Length)];
        return new Answer(prompt, EncodedSequence.Of(tokens, learnt), policy.Model.Tokenizer.Decode([.. generation.Tokens]), ended);
    }
}
