namespace Caravan.Training;

/// <summary>A method that can be named.</summary>
/// <param name="name">Its name, which is its section's in the settings too.</param>
/// <param name="summary">What it does, in one sentence.</param>
/// <param name="paper">Where it is from.</param>
/// <param name="samples">What it learns from.</param>
internal abstract class MethodEntry(string name, string summary, string paper, SampleKind samples)
{
    /// <summary>Its name, which is its section's in the settings too.</summary>
    public string Name => name;

    /// <summary>What it does, in one sentence.</summary>
    public string Summary => summary;

    /// <summary>Where it is from.</summary>
    public string Paper => paper;

    /// <summary>What it learns from.</summary>
    public SampleKind Samples => samples;

    /// <summary>The record of its options; null for none.</summary>
    public abstract Type? Options { get; }

    /// <summary>Whether it holds on to the model as it was before.</summary>
    /// <param name="options">Its options; null for none set.</param>
    public abstract bool UsesReference(object? options);

    /// <summary>Changes samples before they are written in the model's format; null for none.</summary>
    /// <param name="options">Its options; null for none set.</param>
    public abstract Func<Sample, Sample>? Rewrite(object? options);

    /// <summary>Makes it.</summary>
    /// <param name="context">What every method is given.</param>
    /// <param name="options">Its options; null for none set.</param>
    /// <exception cref="CaravanException">Something that it needs was not named or cannot be read.</exception>
    public abstract Method Make(MethodContext context, object? options);
}

/// <summary>A method with options.</summary>
/// <typeparam name="TOptions">Their record.</typeparam>
/// <param name="name">Its name.</param>
/// <param name="summary">What it does.</param>
/// <param name="paper">Where it is from.</param>
/// <param name="samples">What it learns from.</param>
/// <param name="make">Makes it.</param>
internal sealed class MethodEntry<TOptions>(string name, string summary, string paper, SampleKind samples, Func<MethodContext, TOptions, Method> make)
    : MethodEntry(name, summary, paper, samples)
    where TOptions : class, new()
{
    /// <summary>Whether it holds on to the model as it was before; by default not.</summary>
    public Func<TOptions, bool> Holds { get; init; } = _ => false;

    /// <summary>Changes samples before they are written in the model's format; null for none.</summary>
    public Func<TOptions, Func<Sample, Sample>>? Changes { get; init; }

    /// <inheritdoc/>
    public override Type? Options => typeof(TOptions) == typeof(NoOptions) ? null : typeof(TOptions);

    /// <inheritdoc/>
    public override bool UsesReference(object? options) => Holds(Typed(options));

    /// <inheritdoc/>
    public override Func<Sample, Sample>? Rewrite(object? options) => Changes?.Invoke(Typed(options));

    /// <inheritdoc/>
    public override Method Make(MethodContext context, object? options) => make(context, Typed(options));

    private static TOptions Typed(object? options) => (TOptions?)options ?? new TOptions();
}

/// <summary>No options.</summary>
internal sealed record NoOptions;

/// <summary>What methods learn from.</summary>
internal enum SampleKind
{
    /// <summary>Plain texts; conversations are taken too.</summary>
    Texts,

    /// <summary>Conversations, of which the answers are learnt; texts are taken too.</summary>
    Conversations,

    /// <summary>Answers with ratings by name.</summary>
    RatedConversations,

    /// <summary>Pairs of answers of which one is preferred.</summary>
    Preferences,

    /// <summary>Answers that are wanted or not.</summary>
    LabelledAnswers,

    /// <summary>Several answers with ratings.</summary>
    RankedAnswers,

    /// <summary>Prompts that a model answers itself, or conversations without their last answer.</summary>
    Prompts,

    /// <summary>Conversations that end with an answer.</summary>
    AnsweredConversations,
}
