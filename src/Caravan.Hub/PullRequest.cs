namespace Caravan.Hub;

/// <summary>What to download.</summary>
/// <param name="Name">The repository.</param>
internal sealed record PullRequest(RepositoryName Name)
{
    /// <summary>A branch, a tag or a commit.</summary>
    public string Revision { get; init; } = HubCache.UsualRevision;

    /// <summary>Which of several GGUF files: a quantization such as <c>Q4_K_M</c>. Null: there is but one.</summary>
    public string? Quantization { get; init; }

    /// <summary>Exactly these files. Empty: those that <see cref="Include"/> names, or what a model needs to run.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Patterns with <c>*</c> and <c>?</c> of files to download instead of what a model needs to run.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Patterns of files to leave out.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];
}
