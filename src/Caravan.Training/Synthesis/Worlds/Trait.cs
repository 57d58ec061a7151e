namespace Caravan.Training.Synthesis;

/// <summary>Something that may be said of a subject: in sentences, in questions, in records.</summary>
/// <param name="Key">Its name in a record.</param>
/// <param name="Value">Draws a value.</param>
/// <param name="Says">How it is said; slots: <c>who</c> (name or pronoun), <c>whose</c>, <c>value</c>, <c>a</c> (the value with its article).</param>
/// <param name="Asks">How it is asked for; slots: <c>who</c>, <c>whose</c>.</param>
/// <param name="Answers">The full answer, always in the same words; slots: <c>who</c>, <c>whose</c>, <c>value</c>, <c>a</c>.</param>
internal sealed record Trait(string Key, Func<Draw, string> Value, Phrase Says, Phrase Asks, Phrase Answers)
{
    /// <summary>Whether the value is a number in a record.</summary>
    public bool IsNumber { get; init; }
}
