namespace Caravan.Formats.Tests;

/// <summary>What a user would read.</summary>
internal static class Sentence
{
    /// <summary>The message of the <see cref="CaravanException"/> that the action must throw.</summary>
    public static string Of(Action action) => Assert.Throws<CaravanException>(action).Message;

    /// <summary>The message that opening the path fails with.</summary>
    public static string OfOpening(string path) => Of(() => CheckpointReader.Open(path).Dispose());
}
