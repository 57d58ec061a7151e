namespace Caravan.Server.Tests;

public sealed class WebPageTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task ThePageIsServedOnceAndThenFromTheBrowsersCache()
    {
        using HttpResponseMessage page = await server.Http.GetAsync("/");
        if (!typeof(CaravanServer).Assembly.GetManifestResourceNames().Contains("wwwroot/index.html"))
        {
            Assert.Equal(404, (int)page.StatusCode);
            return;
        }

        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        using HttpRequestMessage again = new(HttpMethod.Get, "/");
        again.Headers.IfNoneMatch.Add(page.Headers.ETag!);
        using HttpResponseMessage same = await server.Http.SendAsync(again);
        Assert.Equal(304, (int)same.StatusCode);
    }
}
