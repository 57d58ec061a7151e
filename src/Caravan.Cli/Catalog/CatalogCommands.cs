namespace Caravan.Cli;

/// <summary>What to type to use an entry of the catalogue.</summary>
internal static class CatalogCommands
{
    /// <summary>Command lines that get a model and run it; none for what does not run.</summary>
    public static IReadOnlyList<string> RunsOf(CatalogEntry entry)
    {
        if (entry.Model is not { IsRunnable: true } model) return [];
        string path = model.Hub ?? "PATH";
        string run = model.Template is null ? $"caravan generate {path} --prompt \"…\"" : $"caravan chat {path}";
        return model.Hub is null ? [run] : [$"caravan pull {path}", run];
    }
}
