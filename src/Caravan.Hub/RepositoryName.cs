using System.Text.RegularExpressions;

namespace Caravan.Hub;

/// <summary>The name of a repository on the hub: <c>org/name</c>, or <c>name</c> alone for the oldest.</summary>
/// <param name="Text">As it is written.</param>
internal sealed partial record RepositoryName(string Text)
{
    /// <summary>The folder of the cache, such as <c>models--org--name</c>.</summary>
    public string Folder => "models--" + Text.Replace("/", "--", StringComparison.Ordinal);

    /// <summary>Reads a name; null when the text cannot be one.</summary>
    public static RepositoryName? TryParse(string text) =>
        text.Length <= 96 && Form().IsMatch(text) && !text.Contains("..", StringComparison.Ordinal) && !text.Contains("--", StringComparison.Ordinal)
            ? new RepositoryName(text)
            : null;

    public override string ToString() => Text;

    [GeneratedRegex(@"\A(?:\w[\w.-]*/)?\w[\w.-]*\z", RegexOptions.CultureInvariant | RegexOptions.ECMAScript)]
    private static partial Regex Form();
}
