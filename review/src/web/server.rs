//! Listening, TLS, and an orderly end.

use std::{io, net::SocketAddr, sync::Arc};

use anyhow::{Context as _, Result};
use axum::{Router, extract::connect_info::Connected, serve::IncomingStream, serve::Listener};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
    server::TlsStream,
};

use super::{
    app::{App, LOOK_EVERY, Options, say},
    routes::router,
};

/// Where it listens, once it does.
pub struct Listening {
    pub address: SocketAddr,
    pub tls: bool,
}

/// Address of who asks.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Connections that have shaken hands.
struct TlsListener {
    address: SocketAddr,
    ready: tokio::sync::mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl TlsListener {
    fn new(listener: TcpListener, acceptor: TlsAcceptor) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (send, ready) = tokio::sync::mpsc::channel(64);
        tokio::spawn(async move {
            loop {
                let Ok((stream, from)) = listener.accept().await else {
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    continue;
                };
                let (acceptor, send) = (acceptor.clone(), send.clone());
                // a slow handshake holds nobody else
                tokio::spawn(async move {
                    let shaken = tokio::time::timeout(std::time::Duration::from_secs(10), acceptor.accept(stream));
                    if let Ok(Ok(stream)) = shaken.await {
                        let _ = send.send((stream, from)).await;
                    }
                });
            }
        });
        Ok(Self { address, ready })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(next) => next,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

fn acceptor(chain: &std::path::Path, key: &std::path::Path) -> Result<TlsAcceptor> {
    let certificates: Vec<CertificateDer<'static>> =
        CertificateDer::pem_file_iter(chain)
            .and_then(Iterator::collect)
            .with_context(|| format!("{}: 証明書（PEM）として読めません", chain.display()))?;
    let private = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("{}: 秘密鍵（PEM）として読めません", key.display()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certificates, private)
        .context("証明書と秘密鍵が合いません")?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Serves until asked to end (Ctrl-C, or SIGTERM where there is one); what is under way is finished.
///
/// # Errors
/// A place that cannot be listened on; certificates that cannot be read.
pub fn serve(app: Arc<App>, options: &Options, ready: impl FnOnce(&Listening)) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(options.listen).await.with_context(|| {
            format!("{} で待ち受けられません（--listen で別の番号を示してください）", options.listen)
        })?;
        let address = listener.local_addr()?;
        let watched = app.clone();
        let watch = tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                let app = watched.clone();
                if let Ok(Err(e)) = tokio::task::spawn_blocking(move || app.refresh()).await {
                    say(&e);
                }
            }
        });
        let router: Router = router(app);
        let service = router.into_make_service_with_connect_info::<Peer>();
        match &options.tls {
            Some((chain, key)) => {
                let listener = TlsListener::new(listener, acceptor(chain, key)?)?;
                ready(&Listening { address, tls: true });
                axum::serve(listener, service).with_graceful_shutdown(asked_to_end()).await?;
            }
            None => {
                ready(&Listening { address, tls: false });
                axum::serve(listener, service).with_graceful_shutdown(asked_to_end()).await?;
            }
        }
        watch.abort();
        Ok(())
    })
}

async fn asked_to_end() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
