using Caravan.Testing;

namespace Caravan.Hub.Tests;

public sealed class PullTests : IDisposable
{
    private const string Token = "hf_SecretOfTests";

    private static readonly RepositoryName Name = RepositoryName.TryParse("org/tiny")!;

    private readonly TemporaryFolder cache = new();
    private readonly StandInHub hub = new StandInHub("org/tiny").With("config.json", "{}").With("tokenizer.json", "{\"a\": 1}").WithLarge("model.safetensors", Random(10_000));
    private readonly List<TimeSpan> waits = [];

    private HubOptions Options => new()
    {
        Endpoint = new Uri(hub.Address),
        CacheFolder = cache.Path,
        RangeBytes = 1000,
        Wait = (time, _) =>
        {
            lock (waits) waits.Add(time);
            return Task.CompletedTask;
        },
    };

    private string Blob(string file) => Path.Combine(cache.Path, "models--org--tiny", "blobs", hub.HashOf(file));

    private string Snapshot => Path.Combine(cache.Path, "models--org--tiny", "snapshots", StandInHub.Commit);

    public void Dispose()
    {
        hub.Dispose();
        cache.Dispose();
    }

    [Fact]
    public async Task TheCacheLooksAsHuggingFaceHubLeavesIt()
    {
        PullReport report = await Pull();
        Assert.Equal(Snapshot, report.Folder);
        Assert.Equal(StandInHub.Commit, File.ReadAllText(Path.Combine(cache.Path, "models--org--tiny", "refs", "main")));
        foreach (string file in new[] { "config.json", "tokenizer.json", "model.safetensors" })
        {
            Assert.Equal($"../../blobs/{hub.HashOf(file)}", new FileInfo(Path.Combine(Snapshot, file)).LinkTarget);
            Assert.True(File.Exists(Blob(file)));
        }

        Assert.Equal(Random(10_000), File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
        Assert.Empty(Directory.GetFiles(Path.Combine(cache.Path, "models--org--tiny", "blobs"), "*.incomplete"));
        Assert.Equal(Snapshot, new HubCache(cache.Path).FindSnapshot(Name));
    }

    [Fact]
    public async Task LargeFilesComeInRangesAndProgressEndsAtTheTotal()
    {
        Reports progress = new();
        await Pull(progress: progress);
        Assert.Equal(10, hub.Storage.Requests.Select(request => request.Header("Range")).Distinct().Count());
        Assert.Equal(new PullProgress(0, 10_010), progress.Values[0]);
        Assert.Equal(10_010, progress.Values.Max(value => value.Done));
    }

    [Fact]
    public async Task WhatIsThereIsNotDownloadedAgain()
    {
        await Pull();
        int before = hub.Storage.Requests.Count;
        PullReport report = await Pull();
        Assert.Equal(before, hub.Storage.Requests.Count);
        Assert.All(report.Files, file => Assert.Equal(0, file.Downloaded));
    }

    [Fact]
    public async Task BlobsOfOtherProgramsAreUsed()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Blob("model.safetensors"))!);
        File.WriteAllBytes(Blob("model.safetensors"), Random(10_000));
        await Pull();
        Assert.Empty(hub.Storage.Requests);
        Assert.True(File.Exists(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Fact]
    public async Task AnInterruptedDownloadGoesOnWhereItStopped()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Blob("model.safetensors"))!);
        File.WriteAllBytes(Blob("model.safetensors") + ".incomplete", Random(10_000)[..7_500]);
        PullReport report = await Pull();
        Assert.Equal(2_500, report.Files.Single(file => file.File.Name == "model.safetensors").Downloaded);
        Assert.All(hub.Storage.Requests, request => Assert.True(int.Parse(request.Header("Range")!["bytes=".Length..].Split('-')[0]) >= 7_500));
        Assert.Equal(Random(10_000), File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Fact]
    public async Task CtrlCKeepsABeginningAndTheNextRunGoesOn()
    {
        using CancellationTokenSource stop = new();
        using ManualResetEvent never = new(false);
        hub.InsteadOfStorage = request =>
        {
            if (request.Header("Range") != "bytes=3000-3999") return null;
            _ = Task.Run(async () =>
            {
                while (!File.Exists(Blob("model.safetensors") + ".incomplete") || new FileInfo(Blob("model.safetensors") + ".incomplete").Length < 3000) await Task.Delay(5);
                await stop.CancelAsync();
            });
            return StandInHub.Content(Random(10_000), request) with { Hold = never };
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Pull(cancellation: stop.Token));
        never.Set();
        Assert.Equal(Random(10_000)[..3000], File.ReadAllBytes(Blob("model.safetensors") + ".incomplete"));
        Assert.False(Directory.Exists(Snapshot));
        hub.InsteadOfStorage = null;
        PullReport report = await Pull();
        Assert.Equal(7_000, report.Files.Single(file => file.File.Name == "model.safetensors").Downloaded);
    }

    [Fact]
    public async Task BrokenConnectionsAreTakenUpAgain()
    {
        int breaks = 0;
        hub.InsteadOfStorage = request => Interlocked.Increment(ref breaks) <= 3 ? StandInHub.Content(Random(10_000), request) with { BreakAfter = 300 } : null;
        await Pull();
        Assert.Equal(Random(10_000), File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Fact]
    public async Task AServerWithoutRangesSendsTheWholeFile()
    {
        hub.InsteadOfStorage = _ => new WebResponse(200) { Body = Random(10_000) };
        Directory.CreateDirectory(Path.GetDirectoryName(Blob("model.safetensors"))!);
        File.WriteAllBytes(Blob("model.safetensors") + ".incomplete", Random(10_000)[..4_000]);
        PullReport report = await Pull();
        Assert.Equal(6_000, report.Files.Single(file => file.File.Name == "model.safetensors").Downloaded);
        Assert.Equal(Random(10_000), File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Fact]
    public async Task WhereTheSystemHasNoLinksTheSnapshotHoldsTheFiles()
    {
        await Pull(Options with { Links = false });
        FileInfo file = new(Path.Combine(Snapshot, "model.safetensors"));
        Assert.Null(file.LinkTarget);
        Assert.Equal(10_000, file.Length);
        int before = hub.Storage.Requests.Count;
        await Pull(Options with { Links = false });
        Assert.Equal(before, hub.Storage.Requests.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OneContentUnderTwoNamesIsDownloadedOnce(bool links)
    {
        hub.WithLarge("sub/a.bin", Random(5_000)).WithLarge("sub/b.bin", Random(5_000));
        PullReport report = await Puller.RunAsync(new PullRequest(Name) { Include = ["sub/*"] }, Options with { Links = links }, null, CancellationToken.None);
        Assert.Equal(5_000, report.Files.Sum(file => file.Downloaded));
        Assert.All(report.Files, file => Assert.Equal(Random(5_000), File.ReadAllBytes(file.Path)));
    }

    [Fact]
    public async Task BusyServersAreAskedAgainWhenTheySay()
    {
        int asked = 0;
        hub.Instead = request => request.Path.StartsWith("/api/", StringComparison.Ordinal) && ++asked <= 2
            ? new WebResponse(asked == 1 ? 429 : 503) { Headers = asked == 1 ? [("Retry-After", "7")] : [] }
            : null;
        await Pull();
        Assert.Equal([TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(2)], waits);
    }

    [Fact]
    public async Task ServersThatStayBusyAreLeftAlone()
    {
        hub.Instead = _ => new WebResponse(503);
        Assert.Contains("answered 503", await Sentence(), StringComparison.Ordinal);
        Assert.Equal(HubClient.Attempts - 1, waits.Count);
    }

    [Fact]
    public async Task TheTokenGoesToTheHubAndNowhereElse()
    {
        await Pull(Options with { Token = Token });
        Assert.All(hub.Hub.Requests, request => Assert.Equal($"Bearer {Token}", request.Header("Authorization")));
        Assert.NotEmpty(hub.Storage.Requests);
        Assert.All(hub.Storage.Requests, request => Assert.Null(request.Header("Authorization")));
        Assert.DoesNotContain(Token, (Options with { Token = Token }).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATokenOfSeveralLinesIsRefusedWithoutShowingIt() =>
        Assert.DoesNotContain("Secret", await Sentence(Options with { Token = "hf_Secret\nx" }), StringComparison.Ordinal);

    [Fact]
    public async Task GatedModelsSayWhatToDo()
    {
        hub.Instead = request => request.Method == "HEAD" ? WebResponse.Refusal(403, "GatedRepo") : null;
        string sentence = await Sentence();
        Assert.Contains("'org/tiny' is gated", sentence, StringComparison.Ordinal);
        Assert.Contains($"{hub.Address}/org/tiny", sentence, StringComparison.Ordinal);
        Assert.Contains("HF_TOKEN", sentence, StringComparison.Ordinal);
        Assert.Contains("account without access", await Sentence(Options with { Token = Token }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("org/tinny", "main", null, "There is no model 'org/tinny'", "Did you mean 'org/tiny'?")]
    [InlineData("org/tiny", "float61", null, "'org/tiny' has no revision 'float61'.", "Did you mean 'float16'?")]
    [InlineData("org/tiny", "main", "tokeniser.json", "'org/tiny' has no file 'tokeniser.json' in 'main'.", "Did you mean 'tokenizer.json'?")]
    [InlineData("org/tiny", "../main", null, "'../main' is no revision", "a branch, a tag or a commit")]
    public async Task WhatIsNotThereIsSuggested(string name, string revision, string? file, string problem, string help)
    {
        CaravanException exception = await Assert.ThrowsAsync<CaravanException>(() => Puller.RunAsync(
            new PullRequest(new RepositoryName(name)) { Revision = revision, Files = file is null ? [] : [file] }, Options, null, CancellationToken.None));
        Assert.StartsWith(problem, exception.Message, StringComparison.Ordinal);
        Assert.Contains(help, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../evil.json")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../evil.json")]
    [InlineData("..\\\\evil.json")]
    [InlineData("c:evil.json")]
    [InlineData("a//b")]
    [InlineData("")]
    public async Task NamesThatLeaveTheFolderAreRefused(string name)
    {
        hub.Instead = request => request.Path.StartsWith("/api/", StringComparison.Ordinal)
            ? WebResponse.Json($$"""{"sha": "{{StandInHub.Commit}}", "siblings": [{"rfilename": "config.json"}, {"rfilename": "{{name}}"}]}""") : null;
        Assert.Contains("would not stay in the repository's folder", await Sentence(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(cache.Path));
    }

    [Theory]
    [InlineData("<html>", "does not answer about 'org/tiny' as a Hugging Face hub does")]
    [InlineData("[]", "does not answer about 'org/tiny' as a Hugging Face hub does")]
    [InlineData("""{"sha": "../../x", "siblings": []}""", "a commit that is none")]
    [InlineData("""{"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": []}""", "has no file to download; it has none at all")]
    public async Task ListsThatAreNoneAreRefused(string json, string problem)
    {
        hub.Instead = request => request.Path.StartsWith("/api/", StringComparison.Ordinal) ? WebResponse.Json(json) : null;
        Assert.Contains(problem, await Sentence(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Linked-Etag", "\"../../../evil\"", "gives no SHA-256 and no git hash for 'model.safetensors'")]
    [InlineData("X-Linked-Size", "-5", "does not say how large 'model.safetensors'")]
    [InlineData("X-Linked-Size", "9000000000000000000", "GB more on the disk")]
    [InlineData("X-Repo-Commit", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "of another commit")]
    public async Task HeadersThatCannotBeAreRefused(string header, string value, string problem)
    {
        hub.Instead = request => request.Method == "HEAD" && request.Path.EndsWith("model.safetensors", StringComparison.Ordinal)
            ? WebResponse.Redirect("http://127.0.0.1:1/x",
                [.. new[] { ("X-Repo-Commit", StandInHub.Commit), ("X-Linked-Size", "10000"), ("X-Linked-Etag", $"\"{hub.HashOf("model.safetensors")}\"") }
                    .Select(pair => pair.Item1 == header ? (header, value) : pair)])
            : null;
        Assert.Contains(problem, await Sentence(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Snapshot));
    }

    [Fact]
    public async Task AFullDiskIsNoticedBeforeTheDownload()
    {
        Assert.Contains("needs 0.0 GB more", await Sentence(Options with { FreeBytes = _ => 10_009 }), StringComparison.Ordinal);
        Assert.Empty(hub.Storage.Requests);
        await Pull(Options with { FreeBytes = _ => 10_010 });
    }

    [Fact]
    public async Task ContentsWithAnotherHashAreDeleted()
    {
        byte[] other = Random(10_000);
        other[9_999] ^= 1;
        hub.InsteadOfStorage = request => StandInHub.Content(other, request);
        Assert.Contains("has another hash than the hub says", await Sentence(), StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(Path.GetDirectoryName(Blob("model.safetensors"))!), file => file.Contains(hub.HashOf("model.safetensors"), StringComparison.Ordinal));
        Assert.False(Directory.Exists(Snapshot));
    }

    [Fact]
    public async Task ContentsThatEndTooEarlyAreGivenUp()
    {
        hub.InsteadOfStorage = request => StandInHub.Content(Random(10_000), request) with { BreakAfter = 0 };
        Assert.Contains("breaks off again and again", await Sentence(), StringComparison.Ordinal);
        Assert.False(File.Exists(Blob("model.safetensors")));
    }

    [Fact]
    public async Task OtherRangesThanAskedForAreRefused()
    {
        hub.InsteadOfStorage = _ => new WebResponse(206) { Body = new byte[1000], Headers = [("Content-Range", "bytes 5-1004/10000")] };
        Assert.Contains("another part of 'model.safetensors'", await Sentence(), StringComparison.Ordinal);
        Assert.False(File.Exists(Blob("model.safetensors")));
    }

    [Fact]
    public async Task RedirectionsEnd()
    {
        hub.Instead = _ => WebResponse.Redirect("/again");
        Assert.Contains("never arrives", await Sentence(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RedirectionsToOtherSchemesAreRefused()
    {
        hub.Instead = request => request.Method == "GET" && request.Path.Contains("/resolve/", StringComparison.Ordinal) ? WebResponse.Redirect("file:///etc/passwd") : null;
        Assert.Contains("not secure", await Sentence(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NobodyListeningIsToldAtOnce()
    {
        Assert.Contains("cannot be reached", await Sentence(Options with { Endpoint = new Uri("http://127.0.0.1:1") }), StringComparison.Ordinal);
        Assert.Empty(waits);
    }

    [Fact]
    public async Task ASilentConnectionCountsAsBroken()
    {
        using ManualResetEvent never = new(false);
        hub.InsteadOfStorage = request => StandInHub.Content(Random(10_000), request) with { Hold = never };
        Assert.Contains("breaks off again and again", await Sentence(Options with { Silence = TimeSpan.FromSeconds(1) }), StringComparison.Ordinal);
        never.Set();
    }

    [Fact]
    public async Task TwoAtTheSameTimeShareOneDownload()
    {
        PullReport[] reports = await Task.WhenAll(Pull(Waiting), Pull(Waiting));
        Assert.Equal(10_010, reports.SelectMany(report => report.Files).Sum(file => file.Downloaded));
        Assert.Equal(Random(10_000), File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
    }

    private HubOptions Waiting => Options with { Wait = (_, cancellation) => Task.Delay(5, cancellation) };

    private Task<PullReport> Pull(HubOptions? options = null, IProgress<PullProgress>? progress = null, CancellationToken cancellation = default) =>
        Puller.RunAsync(new PullRequest(Name), options ?? Options, progress, cancellation);

    private async Task<string> Sentence(HubOptions? options = null) => (await Assert.ThrowsAsync<CaravanException>(() => Pull(options))).Message;

    private static byte[] Random(int count)
    {
        byte[] bytes = new byte[count];
        new Random(7).NextBytes(bytes);
        return bytes;
    }

    private sealed class Reports : IProgress<PullProgress>
    {
        public List<PullProgress> Values { get; } = [];

        public void Report(PullProgress value)
        {
            lock (Values) Values.Add(value);
        }
    }
}
