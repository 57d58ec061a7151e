using Caravan.Testing;

namespace Caravan.Hub.Tests;

/// <summary>Offline, the hub is never asked, and what is said is of the cache.</summary>
public sealed class OfflineTests : IDisposable
{
    private static readonly RepositoryName Name = RepositoryName.TryParse("org/tiny")!;

    private readonly TemporaryFolder cache = new();
    private readonly StandInHub hub = new StandInHub("org/tiny").With("config.json", "{}").With("README.md", "A model.").WithLarge("model.safetensors", [1, 2, 3]);

    public void Dispose()
    {
        hub.Dispose();
        cache.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhatWasPulledIsFound(bool links)
    {
        PullReport online = await Pull(new PullRequest(Name), offline: false, links);
        hub.Hub.Requests.Clear();
        foreach (string revision in new[] { "main", StandInHub.Commit })
        {
            PullReport report = await Pull(new PullRequest(Name) { Revision = revision }, links: links);
            Assert.Equal((online.Commit, online.Folder, online.ModelPath), (report.Commit, report.Folder, report.ModelPath));
            Assert.Equal(online.Files.Select(file => (file.File.Name, file.File.Size, file.Path, 0L)), report.Files.Select(file => (file.File.Name, file.File.Size, file.Path, file.Downloaded)));
            if (links) Assert.Equal(online.Files.Select(file => file.File.Hash), report.Files.Select(file => file.File.Hash));
            Assert.Equal(hub.HashOf("model.safetensors"), report.Files.Single(file => file.File.Name == "model.safetensors").File.Hash);
        }

        Assert.Empty(hub.Hub.Requests);
    }

    [Fact]
    public async Task WhatIsNotThereIsToldInASentence()
    {
        Assert.Equal(
            $"'org/tiny' is not among the models in '{cache.Path}', and HF_HUB_OFFLINE keeps caravan from asking the hub; take it away to download.", await Sentence(new PullRequest(Name)));
        Assert.Empty(hub.Hub.Requests);
        PullReport report = await Pull(new PullRequest(Name), offline: false);
        Assert.StartsWith("'org/tiny' at 'float16' is not among the models in", await Sentence(new PullRequest(Name) { Revision = "float16" }), StringComparison.Ordinal);
        Assert.StartsWith("'org/tiny' has no file 'README.md' in 'main'. That is said of the cache", await Sentence(new PullRequest(Name) { Files = ["README.md"] }), StringComparison.Ordinal);
        Assert.Contains("Did you mean 'org/tiny'?", await Sentence(new PullRequest(RepositoryName.TryParse("org/tinny")!)), StringComparison.Ordinal);
        // A link whose content is gone is no file.
        File.Delete(Path.Combine(cache.Path, "models--org--tiny", "blobs", hub.HashOf("model.safetensors")));
        Assert.Contains("has no file 'model.safetensors'", await Sentence(new PullRequest(Name) { Files = ["model.safetensors"] }), StringComparison.Ordinal);
        Assert.Equal(2, report.Files.Count);
    }

    private Task<PullReport> Pull(PullRequest request, bool offline = true, bool links = true) =>
        Puller.RunAsync(request, new HubOptions { Endpoint = new Uri(hub.Address), CacheFolder = cache.Path, Offline = offline, Links = links }, null, CancellationToken.None);

    private async Task<string> Sentence(PullRequest request) => (await Assert.ThrowsAsync<CaravanException>(() => Pull(request))).Message;
}
