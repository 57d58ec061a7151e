namespace Caravan.Cli;

/// <summary>The small model that comes with Caravan, which Caravan itself taught (models/caravan-tiny).</summary>
internal static class EmbeddedModel
{
    /// <summary>Its name, which stands for its path.</summary>
    public const string Name = "caravan-tiny";

    /// <summary>
    /// Temperature of its answers where none is given: low, since a model of three million parameters that draws from all it thinks possible errs too often,
    /// and not 0, so that it tells different stories.
    /// </summary>
    public const float Temperature = 0.3f;

    /// <summary>Where it is.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "models", $"{Name}.gguf");
}
