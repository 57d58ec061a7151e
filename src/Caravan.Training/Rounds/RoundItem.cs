using System.Text.Json.Serialization;

namespace Caravan.Training;

/// <summary>Something that a round has gathered to learn from; written as JSON with checkpoints.</summary>
/// <param name="Origin">Where its prompt stands, for messages.</param>
internal abstract record RoundItem(string Origin)
{
    /// <summary>Tokens that pass through the model to learn from it.</summary>
    [JsonIgnore]
    public abstract int Tokens { get; }
}

/// <summary>An answer to learn from.</summary>
/// <param name="Origin">Where its prompt stands.</param>
/// <param name="Sequence">Prompt and answer; the answer is labelled.</param>
internal record AnswerItem(string Origin, EncodedSequence Sequence) : RoundItem(Origin)
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override int Tokens => Sequence.Tokens.Length;
}
