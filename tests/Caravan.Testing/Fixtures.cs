namespace Caravan.Testing;

/// <summary>The golden numbers in <c>../shared/fixtures</c>, found from the test's own location; absent on a bare clone.</summary>
public static class Fixtures
{
    /// <summary>The repository root: the nearest folder upwards that holds <c>Caravan.slnx</c>.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The folder <c>../shared/fixtures</c>.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Repository, "..", "shared", "fixtures"));

    /// <summary>Whether the fixtures are there; without them fixture tests are skipped.</summary>
    public static bool Available => Directory.Exists(Root);

    /// <summary>A path below <see cref="Root"/>.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Caravan.slnx"))) return folder.FullName;
        throw new InvalidOperationException("The tests must run from inside the repository.");
    }
}
