using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>
/// What a model learns from, whatever format it came in: one of <see cref="TextSample"/>, <see cref="ConversationSample"/>, <see cref="PreferenceSample"/>,
/// <see cref="LabelledSample"/>, <see cref="PromptSample"/> and <see cref="RankedSample"/>.
/// </summary>
/// <param name="Origin">Where it stands, for messages.</param>
internal abstract record Sample(Origin Origin)
{
    /// <summary>What kind of sample it is, for people: <c>a conversation</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Every text in it with who says it: <c>text</c>, a role, <c>prompt</c>, <c>chosen</c>, <c>rejected</c>, <c>completion</c> or <c>response</c>.</summary>
    public abstract IEnumerable<(string Part, string Text)> Texts { get; }
}

/// <summary>A text to continue: pretraining.</summary>
/// <param name="Text">The text.</param>
/// <param name="Origin">Where it stands.</param>
internal sealed record TextSample(string Text, Origin Origin) : Sample(Origin)
{
    /// <inheritdoc/>
    public override string Kind => "a text";

    /// <inheritdoc/>
    public override IEnumerable<(string Part, string Text)> Texts => [("text", Text)];
}

/// <summary>A conversation whose answers are learnt: supervised fine-tuning.</summary>
/// <param name="Messages">Messages in OpenAI's shape, as <see cref="Caravan.Text.ChatFormat"/> renders them; at least one.</param>
/// <param name="Tools">Functions that the model may call, in OpenAI's shape; null for none.</param>
/// <param name="Origin">Where it stands.</param>
internal sealed record ConversationSample(JsonArray Messages, JsonArray? Tools, Origin Origin) : Sample(Origin)
{
    /// <inheritdoc/>
    public override string Kind => "a conversation";

    /// <summary>Ratings of the last answer by name, in the record's order (SteerLM, Dong et al. 2023); empty for none.</summary>
    public IReadOnlyList<(string Name, double Value)> Attributes { get; init; } = [];

    /// <inheritdoc/>
    public override IEnumerable<(string Part, string Text)> Texts => Passage.Of(Messages).Texts("assistant");
}

/// <summary>An answer that people prefer to another: reward models, DPO and its kin.</summary>
/// <param name="Prompt">What is answered.</param>
/// <param name="Chosen">The preferred answer.</param>
/// <param name="Rejected">The other.</param>
/// <param name="Margin">By how much it is preferred (difference of ratings); null when not said.</param>
/// <param name="Origin">Where it stands.</param>
internal sealed record PreferenceSample(Passage Prompt, Passage Chosen, Passage Rejected, double? Margin, Origin Origin) : Sample(Origin)
{
    /// <inheritdoc/>
    public override string Kind => "a preference";

    /// <inheritdoc/>
    public override IEnumerable<(string Part, string Text)> Texts => [.. Prompt.Texts("prompt"), .. Chosen.Texts("chosen", all: true), .. Rejected.Texts("rejected", all: true)];
}

/// <summary>An answer with a thumb up or down: KTO.</summary>
/// <param name="Prompt">What is answered.</param>
/// <param name="Completion">The answer.</param>
/// <param name="Desirable">Whether such answers are wanted.</param>
/// <param name="Origin">Where it stands.</param>
internal sealed record LabelledSample(Passage Prompt, Passage Completion, bool Desirable, Origin Origin) : Sample(Origin)
{
    /// <inheritdoc/>
    public override string Kind => "a labelled answer";

    /// <inheritdoc/>
    public override IEnumerable<(string Part, string Text)> Texts => [.. Prompt.Texts("prompt"), .. Completion.Texts("completion", all: true)];
}

/// <summary>A question that the model is to answer itself: reinforcement learning, best of n.</summary>
/// <param name="Prompt">The question.</param>
/// <param name="Fields">What else the record says, for rewards: a reference answer, tests.</param>
/// <param name="Origin">Where it stands.</param>
internal sealed record PromptSample(Passage Prompt, JsonObject Fields, Origin Origin) : Sample(Origin)
{
    /// <inheritdoc/>
    public override string Kind => "a prompt";

    /// <inheritdoc/>
    public override IEnumerable<(string Part, string Text)> Texts => Prompt.Texts("prompt");
}

/// <summary>Several answers with ratings: RRHF.</summary>
/// <param name="Prompt">What is answered.</param>
/// <param name="Responses">The answers, at least two.</param>
/// <param name="Scores">A rating for each; higher is better.</param>
/// <param name="Origin">Where it stands.</param>
internal sealed record RankedSample(Passage Prompt, IReadOnlyList<Passage> Responses, IReadOnlyList<double> Scores, Origin Origin) : Sample(Origin)
{
    /// <inheritdoc/>
    public override string Kind => "a list of rated answers";

    /// <inheritdoc/>
    public override IEnumerable<(string Part, string Text)> Texts => [.. Prompt.Texts("prompt"), .. Responses.SelectMany(response => response.Texts("response", all: true))];
}
