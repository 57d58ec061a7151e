namespace Caravan.Hub;

/// <summary>Downloads what a model needs into the cache.</summary>
internal static class Puller
{
    private const int FilesAtOnce = 4;

    /// <summary>Downloads; what is there already stays as it is, and offline nothing else counts.</summary>
    /// <exception cref="CaravanException">It cannot be done; what came is kept for the next time.</exception>
    public static async Task<PullReport> RunAsync(PullRequest request, HubOptions options, IProgress<PullProgress>? progress, CancellationToken cancellation)
    {
        if (!SafePath.IsInside(request.Revision)) throw new CaravanException($"'{request.Revision}' is no revision; give a branch, a tag or a commit.");
        HubCache cache = new(options.CacheFolder, options.Links);
        if (options.Offline) return Offline.Find(request, cache);
        using HubClient client = new(options);
        Repository repository = await client.ListAsync(request.Name, request.Revision, cancellation);
        HubFile[] files = await DescribeAsync(client, repository, FileSelection.Choose(repository, request), cancellation);
        double missing = files.Sum(file => (double)file.Size - cache.BytesOf(request.Name, repository.Commit, file));
        CheckSpace(options, request.Name, missing);
        long[] came = await DownloadAsync(client, cache, repository, files, Counter(progress, (long)missing), cancellation);
        Dictionary<string, PulledFile> byHash = new(StringComparer.Ordinal);
        List<PulledFile> pulled = [];
        using IDisposable alone = await cache.LockAsync(request.Name, repository.Commit, options, cancellation);
        foreach ((int i, HubFile file) in files.Index())
        {
            string path = cache.Publish(request.Name, repository.Commit, file, byHash.GetValueOrDefault(file.Hash)?.Path);
            pulled.Add(byHash[file.Hash] = new PulledFile(file, path, came[i]));
        }

        cache.SetReference(request.Name, request.Revision, repository.Commit);
        return new PullReport(repository.Commit, cache.Snapshot(request.Name, repository.Commit), pulled);
    }

    private static async Task<HubFile[]> DescribeAsync(HubClient client, Repository repository, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        HubFile[] files = new HubFile[names.Count];
        await ForEachAsync(client.Options.Connections, names.Count, async (i, stop) => files[i] = await client.DescribeAsync(repository, names[i], stop), cancellation);
        return files;
    }

    private static async Task<long[]> DownloadAsync(
        HubClient client, HubCache cache, Repository repository, HubFile[] files, Action<int> received, CancellationToken cancellation)
    {
        using SemaphoreSlim connections = new(client.Options.Connections);
        long[] came = new long[files.Length];
        // One content under two names is one download.
        int[] distinct = [.. Enumerable.Range(0, files.Length).DistinctBy(i => files[i].Hash)];
        await ForEachAsync(FilesAtOnce, distinct.Length, async (i, stop) =>
            came[distinct[i]] = await new FileDownload(client, cache, repository, files[distinct[i]], connections, received).RunAsync(stop), cancellation);
        return came;
    }

    /// <summary>Ends with the failure that was the reason, not with those of the others that were stopped for it.</summary>
    private static async Task ForEachAsync(int atOnce, int count, Func<int, CancellationToken, Task> body, CancellationToken cancellation)
    {
        Task all = Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellation }, (i, stop) => new ValueTask(body(i, stop)));
        try
        {
            await all;
        }
        catch when (!cancellation.IsCancellationRequested && all.Exception?.InnerExceptions.OfType<CaravanException>().FirstOrDefault() is { } reason)
        {
            throw new CaravanException(reason.Message, reason);
        }
    }

    private static Action<int> Counter(IProgress<PullProgress>? progress, long total)
    {
        long done = 0;
        progress?.Report(new PullProgress(0, total));
        return count => progress?.Report(new PullProgress(Interlocked.Add(ref done, count), total));
    }

    private static void CheckSpace(HubOptions options, RepositoryName name, double missing)
    {
        string folder = Path.GetFullPath(options.CacheFolder);
        while (!Directory.Exists(folder)) folder = Path.GetDirectoryName(folder)!;
        long free = options.FreeBytes(folder);
        if (missing > free)
        {
            throw new CaravanException(
                $"'{name}' needs {missing / 1e9:0.0} GB more on the disk of '{options.CacheFolder}', where {free / 1e9:0.0} GB are free; free some space, set HF_HOME to another disk, or choose fewer files.");
        }
    }
}
