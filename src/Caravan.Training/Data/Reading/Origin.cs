namespace Caravan.Training;

/// <summary>Where in a file a record begins.</summary>
/// <param name="File">The file as it was named.</param>
/// <param name="Line">The line, from 1.</param>
internal readonly record struct Origin(string File, long Line)
{
    /// <summary>Such as <c>'train.jsonl' line 12</c>.</summary>
    public override string ToString() => $"'{File}' line {Line}";

    /// <summary>A failure at this place.</summary>
    /// <param name="what">What is the matter, as the rest of a sentence.</param>
    /// <param name="cause">What led to it.</param>
    public CaravanException Problem(string what, Exception? cause = null) => cause is null ? new($"{this} {what}") : new($"{this} {what}", cause);
}
