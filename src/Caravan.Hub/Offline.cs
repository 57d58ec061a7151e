using System.Security.Cryptography;

namespace Caravan.Hub;

/// <summary>What a pull comes to where the hub must not be asked: what the cache holds already.</summary>
internal static class Offline
{
    /// <summary>The files that would have been downloaded, as they are in the cache.</summary>
    /// <exception cref="CaravanException">The revision is not there, or files of it are not.</exception>
    public static PullReport Find(PullRequest request, HubCache cache)
    {
        const string reason = "HF_HUB_OFFLINE keeps caravan from asking the hub; take it away to download";
        string revision = request.Revision == HubCache.UsualRevision ? "" : $" at '{request.Revision}'";
        string folder = cache.FindSnapshot(request.Name, request.Revision)
            ?? throw new CaravanException($"'{request.Name}'{revision} is not among the models in '{cache.Folder}', and {reason}.{Suggestion.DidYouMean(request.Name.Text, cache.Names())}");
        string[] present = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => Content(path).Exists).Order(StringComparer.Ordinal)];
        Repository repository = new(request.Name, Path.GetFileName(folder), [.. present.Select(path => (NameOf(folder, path), (long?)Content(path).Length))]);
        try
        {
            return new PullReport(repository.Commit, folder, [.. FileSelection.Choose(repository, request).Select(name => Describe(name, Path.Combine(folder, name)))]);
        }
        catch (CaravanException exception)
        {
            throw new CaravanException($"{exception.Message} That is said of the cache '{folder}': {reason}.", exception);
        }
    }

    private static string NameOf(string folder, string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');

    private static PulledFile Describe(string name, string path)
    {
        FileInfo content = Content(path);
        return new PulledFile(new HubFile(name, content.Length, ContentHash.IsOne(content.Name) ? content.Name : HashOf(path)), path, Downloaded: 0);
    }

    private static string HashOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>The file, or what it links to.</summary>
    private static FileInfo Content(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path);
}
